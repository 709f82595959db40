/** The encrypted backups of users' profiles. Only the key of a user's recovery phrase opens the head of one to a machine that has no profile. */
import {
  fingerprintOfKey,
  ProtocolError,
  limits as protocolLimits,
  type RequestOf,
  type ResultOf,
  recoverStatement,
  recoveryKeyStatement,
  type UserName,
} from '@chat/protocol';
import type { Challenge, EnrolmentPeer } from '../../identity/enrolment.ts';
import { verifierOf } from '../../identity/key-chain.ts';
import {
  accessRevokedError,
  isSignedBy,
  type RegisteredUser,
  signedBy,
  standInVerifier,
} from '../../identity/registered-user.ts';
import type { ServerLimits } from '../../limits/limits.ts';
import type { Directory } from '../../ports/directory.ts';
import type { RecoveryStore } from '../../ports/recovery-store.ts';
import { Quota } from '../../throttle/quota.ts';
import { liveSize, seconds, TokenBuckets } from '../../throttle/token-bucket.ts';

/** Options of `Recoveries`. `clock` returns milliseconds. */
export interface RecoveriesOptions {
  readonly store: RecoveryStore & Pick<Directory, 'findAccount'>;
  /** The server id: fingerprint of the server's first CA certificate. */
  readonly serverId: string;
  readonly clock: () => number;
  readonly limits: Pick<
    ServerLimits,
    | 'recoveryBytesPerUser'
    | 'recoveryBytesPerUserAndDay'
    | 'recoveryKeysPerDay'
    | 'recoveriesPerHour'
    | 'recoveriesPerHostAndHour'
  >;
  /** Measures the free space if that is due. Rejects with `storage-full` while it is below the reserve. */
  readonly requireSpace: () => Promise<void>;
}

const idBytes = 32;

const refused = (): ProtocolError =>
  new ProtocolError(
    'recovery-refused',
    'This server has no backup of that name for this recovery phrase: check the name. A phrase that was replaced or ended opens nothing.',
  );

const noRecovery = (): ProtocolError =>
  new ProtocolError('no-recovery', 'No recovery phrase is registered for you: make one, and then the backup.');

const limitReached = (message: string) => new ProtocolError('limit-reached', `${message}: try again later.`);

/** Returns the names that a request has one after another. */
const idsOf = (ids: Uint8Array): readonly Uint8Array[] =>
  Array.from({ length: ids.length / idBytes }, (_, index) => ids.subarray(index * idBytes, (index + 1) * idBytes));

function joined(ids: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(ids.length * idBytes);
  for (const [index, id] of ids.entries()) all.set(id, index * idBytes);
  return all;
}

/** Keeps the backups of all users within their bounds. */
export class Recoveries {
  readonly #options: RecoveriesOptions;
  readonly #keys: Quota;
  readonly #attempts: Quota;
  readonly #opened: Quota;
  readonly #daily: TokenBuckets;

  constructor(options: RecoveriesOptions) {
    const { limits } = options;
    this.#options = options;
    this.#keys = new Quota(liveSize(seconds.day, () => limits.recoveryKeysPerDay));
    this.#attempts = new Quota(liveSize(seconds.hour, () => limits.recoveriesPerHostAndHour));
    this.#opened = new Quota(liveSize(seconds.hour, () => limits.recoveriesPerHour));
    this.#daily = new TokenBuckets(liveSize(seconds.day, () => limits.recoveryBytesPerUserAndDay));
  }

  /**
   * Registers the key of a user's recovery phrase. The backup of another one is erased.
   *
   * @throws ProtocolError `recovery-refused`, `limit-reached`
   */
  async putKey(
    { user, verifier }: RegisteredUser,
    { key, madeAt, signature }: RequestOf<'put-recovery-key'>,
  ): Promise<void> {
    const { store, serverId, clock, limits } = this.#options;
    const statement = recoveryKeyStatement(serverId, { user, key, madeAt });
    if (verifierOf(key) === null || !signedBy(verifier, statement, signature)) {
      throw new ProtocolError(
        'recovery-refused',
        'The recovery key is not a key of P-384 that your identity key has signed for this server.',
      );
    }
    if ((await store.findRecovery(user))?.key === key) return;
    if (!this.#keys.take(user, clock())) {
      throw limitReached(`You can make ${limits.recoveryKeysPerDay} recovery phrases a day`);
    }
    await store.putRecoveryKey(user, { key, madeAt });
  }

  /** Erases the backup of a user, and its key. */
  end(user: UserName): Promise<void> {
    return this.#options.store.endRecovery(user);
  }

  /** Returns what there is of a user's backup. */
  async stateOf(user: UserName): Promise<ResultOf<'get-recovery'>> {
    const { store, limits } = this.#options;
    const [found, bytes] = await Promise.all([store.findRecovery(user), store.recoveryBytes(user)]);
    return {
      key: found === null ? null : fingerprintOfKey(found.key),
      number: found?.number ?? 0,
      bytes,
      quota: limits.recoveryBytesPerUser,
    };
  }

  /** Returns a page of the names of a user's chunks. */
  async list(user: UserName, after: Uint8Array | undefined): Promise<ResultOf<'list-recovery-chunks'>> {
    const limit = protocolLimits.recoveryNamesPerRequest;
    const ids = await this.#options.store.recoveryChunks(user, after ?? null, limit + 1);
    return { names: joined(ids.slice(0, limit)), more: ids.length > limit };
  }

  /**
   * Stores a chunk.
   *
   * @throws ProtocolError `recovery-full`, `no-recovery`, `storage-full`, `limit-reached`
   */
  async putChunk(user: UserName, { name, chunk }: RequestOf<'put-recovery-chunk'>): Promise<void> {
    const { store, limits, clock, requireSpace } = this.#options;
    await requireSpace();
    const now = clock();
    const bucket = this.#daily.of(user, now);
    if (bucket.take(0, now) < chunk.length) throw limitReached('You have stored as much of backups as fits into a day');
    bucket.take(chunk.length, now);
    const outcome = await store.putRecoveryChunk(user, { id: name, bytes: chunk }, limits.recoveryBytesPerUser);
    if (outcome === 'no-recovery') throw noRecovery();
    if (outcome === 'full') {
      throw new ProtocolError(
        'recovery-full',
        `This server keeps ${limits.recoveryBytesPerUser} bytes of a user's backup: leave messages out, the oldest first.`,
      );
    }
  }

  /** @throws ProtocolError `no-recovery` */
  async chunk(user: UserName, id: Uint8Array): Promise<Uint8Array> {
    const chunk = await this.#options.store.findRecoveryChunk(user, id);
    if (chunk !== null) return chunk;
    throw new ProtocolError('no-recovery', 'The server does not have this part of your backup.');
  }

  /** Erases chunks. */
  drop(user: UserName, ids: Uint8Array): Promise<void> {
    return this.#options.store.dropRecoveryChunks(user, idsOf(ids));
  }

  /** @throws ProtocolError `no-recovery`, `recovery-outdated`, `storage-full` */
  async putManifest(user: UserName, backup: RequestOf<'put-recovery-manifest'>): Promise<void> {
    await this.#options.requireSpace();
    const outcome = await this.#options.store.putRecoveryManifest(user, backup);
    if (outcome === 'no-recovery') throw noRecovery();
    if (outcome === 'outdated') {
      throw new ProtocolError('recovery-outdated', 'The server has a backup with this number or a later one already.');
    }
  }

  /**
   * Returns the head of a backup to a machine that has proved the key of the recovery phrase. The attempts of a host are counted before the
   * proof, and those for a name after it, so that no stranger keeps a user from the backup. An unknown name and a wrong key get the same
   * answer for the same work.
   *
   * @throws ProtocolError `recovery-refused`, `no-recovery`, `access-revoked`, `limit-reached`
   */
  async open(
    { user, signature }: RequestOf<'open-recovery'>,
    peer: Challenge & Pick<EnrolmentPeer, 'host'>,
  ): Promise<ResultOf<'open-recovery'>> {
    const { store, clock, limits } = this.#options;
    if (!this.#attempts.take(peer.host, clock())) {
      throw limitReached(
        `This server allows ${limits.recoveriesPerHostAndHour} attempts to recover a profile an hour from one address`,
      );
    }
    const found = await store.findRecovery(user);
    const verifier = (found === null ? null : verifierOf(found.key)) ?? standInVerifier();
    const isProved = await isSignedBy(verifier, recoverStatement(peer, user), signature);
    if (found === null || !isProved) throw refused();
    if ((await store.findAccount(user))?.revoked != null) throw accessRevokedError(user);
    if (!this.#opened.take(user, clock())) {
      throw limitReached(`A profile can be recovered ${limits.recoveriesPerHour} times an hour`);
    }
    if (found.manifest === null) {
      throw new ProtocolError(
        'no-recovery',
        `The recovery phrase is that of ${user}, but no backup was finished before the device was lost: nothing can be restored.`,
      );
    }
    return { number: found.number, manifest: found.manifest };
  }
}
