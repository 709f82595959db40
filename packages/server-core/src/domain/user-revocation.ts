/**
 * Revocation of a user: ends the access of the account, its sessions, its memberships and its certificates, permanently.
 *
 * First the account is durably marked as revoked. From then on no login, enrolment or join with that name or key succeeds. All
 * other steps follow from the mark and can be repeated: the next start finishes what a crash has cut off.
 */
import {
  encodePayload,
  entryDomain,
  fingerprintOfKey,
  limits,
  type Payload,
  ProtocolError,
  type RoomId,
  type SignedEntry,
  type UserName,
} from '@chat/protocol';
import type { Signer } from '@chat/signatures';
import type { Certificates } from '../identity/certificates.ts';
import { StoreDamage } from '../ports/damage.ts';
import type { Account, Directory, Revoked } from '../ports/directory.ts';
import type { LinkStore } from '../ports/link-store.ts';
import type { RecoveryStore } from '../ports/recovery-store.ts';
import type { Appended, RoomStore } from '../ports/room-store.ts';
import type { Rooms } from './rooms.ts';

/** What a revocation has ended. */
export interface RevocationResult {
  /** Every user name of the revoked key. */
  readonly users: readonly UserName[];
  /** Time of the revocation in milliseconds; in the past when the user was revoked before. */
  readonly since: number;
  /** Number of sessions that were ended. */
  readonly sessions: number;
  /** Number of certificates that were revoked. */
  readonly certificates: number;
  /** Number of rooms that got a `revoke` entry. */
  readonly rooms: number;
}

/** Options of `UserRevocation`. `clock` returns milliseconds. */
export interface UserRevocationOptions {
  readonly store: Directory & RoomStore & Pick<LinkStore, 'deleteLinks'> & Pick<RecoveryStore, 'endRecovery'>;
  readonly rooms: Rooms;
  readonly certificates: Pick<Certificates, 'revokeCertificatesOf'>;
  /** The CA's key, which signs `revoke` entries. */
  readonly authority: Signer;
  readonly clock: () => number;
  /** Ends the user's sessions. Resolves with their number when all their requests are answered. */
  readonly endSessions: (user: UserName) => Promise<number>;
  /** Publishes a new revocation list. */
  readonly publishRevocationList: () => Promise<void>;
}

/** Rooms that are looked up, and get their entries, together: these share a commit. */
const roomsPerBatch = 16;

/** Revokes users, and finishes revocations that a crash has cut off. */
export class UserRevocation {
  readonly #options: UserRevocationOptions;
  /** Fingerprints, for callers that cannot wait for the store. */
  readonly #revokedKeys = new Set<string>();

  constructor(options: UserRevocationOptions) {
    this.#options = options;
  }

  /** Returns whether this key is revoked, as far as this server process knows. */
  hasRevoked(fingerprint: string): boolean {
    return this.#revokedKeys.has(fingerprint);
  }

  /** Finishes earlier revocations. MUST resolve before the server accepts connections. */
  async resume(): Promise<void> {
    await this.#finish(await this.#options.store.revokedAccounts());
  }

  /**
   * Revokes a user. Resolves when every step is done and durable.
   *
   * @throws ProtocolError `unknown-user`
   */
  async revoke(user: UserName, reason: Revoked['reason']): Promise<RevocationResult> {
    const { store, clock } = this.#options;
    const accounts = await store.revokeAccount(user, { at: clock(), reason });
    if (accounts.length === 0) throw new ProtocolError('unknown-user', `${user} is not registered here.`);
    const since = Math.min(...accounts.flatMap(({ revoked }) => revoked?.at ?? []));
    return { users: accounts.map((account) => account.user), since, ...(await this.#finish(accounts)) };
  }

  /**
   * Revokes a user, and frees the name for another key. The key of the user stays revoked. Resolves when every step is done and
   * durable; after a crash in between the user is revoked, and the name is not free yet.
   *
   * @returns what was ended; `users` are the names that are free now
   * @throws ProtocolError `unknown-user`
   */
  async reset(user: UserName, reason: Revoked['reason']): Promise<RevocationResult> {
    const { store, clock } = this.#options;
    const result = await this.revoke(user, reason);
    return { ...result, users: await store.freeNames(user, clock()) };
  }

  /** Takes all steps that follow from the marks on these accounts. */
  async #finish(accounts: readonly Account[]): Promise<Pick<RevocationResult, 'sessions' | 'certificates' | 'rooms'>> {
    const { rooms, certificates, endSessions, publishRevocationList } = this.#options;
    for (const { fingerprint } of accounts) {
      this.#revokedKeys.add(fingerprint);
      rooms.markRevoked(fingerprint);
    }
    const done = { sessions: 0, certificates: 0, rooms: 0 };
    // Before the rooms are looked up, so that pending joins and invitations of the user are in the store by then.
    for (const { user } of accounts) done.sessions += await endSessions(user);
    await rooms.settled();
    for (const account of accounts) done.rooms += await this.#revokeInRooms(account);
    for (const account of accounts) await this.#revokeEarlierKeys(account);
    // No key travels over links to and from the user any more. What others have not read of the user's stays readable.
    for (const { fingerprint } of accounts) await this.#options.store.deleteLinks(fingerprint);
    for (const { user } of accounts) await this.#options.store.endRecovery(user);
    for (const { user, revoked } of accounts) {
      if (revoked !== null) done.certificates += await certificates.revokeCertificatesOf(user, revoked.reason);
    }
    if (done.certificates > 0) await publishRevocationList();
    return done;
  }

  /** Appends a `revoke` entry to each room of the account, and returns their number. */
  async #revokeInRooms(account: Account): Promise<number> {
    const roomIds = await this.#roomsOf(account.user);
    let appended = 0;
    for (let from = 0; from < roomIds.length; from += roomsPerBatch) {
      const appends = roomIds.slice(from, from + roomsPerBatch).map((roomId) => this.#appendRevoke(roomId, account));
      appended += (await Promise.all(appends)).filter((place) => place !== null).length;
    }
    return appended;
  }

  /** Takes the user out of rooms that still have an earlier key of theirs, because their client has not renewed it there. */
  async #revokeEarlierKeys(account: Account): Promise<void> {
    const { store, rooms } = this.#options;
    const renewals = await store.renewalsOf(account.user, limits.keyRenewalsPerAnswer);
    const earlier = new Set(renewals.map(({ previous }) => fingerprintOfKey(previous)));
    if (earlier.size === 0) return;
    for (const roomId of await this.#roomsOf(account.user)) {
      const present = await rooms.use(roomId, async (log) => {
        await log.settled();
        const users = [...(log.state?.members ?? []), ...(log.state?.invited ?? [])];
        return users.find(({ user, fingerprint }) => user === account.user && earlier.has(fingerprint));
      });
      if (present !== undefined) await this.#appendRevoke(roomId, { ...account, fingerprint: present.fingerprint });
    }
  }

  /** Skips a room that the disk has damaged: the server refuses all of its members. Once a backup is restored, the next start appends the entry. */
  #appendRevoke(roomId: RoomId, account: Account): Promise<Appended | null> {
    return this.#options.rooms.appendRevoke(roomId, this.#revokeEntry(roomId, account)).catch((error: unknown) => {
      if (error instanceof StoreDamage) return null;
      throw error;
    });
  }

  /** Returns the rooms that the user has joined or is invited to. */
  async #roomsOf(user: UserName): Promise<readonly RoomId[]> {
    const { store } = this.#options;
    const found = [...(await store.roomsOf(user))];
    for (let after: string | null = null; ; ) {
      const invitations = await store.invitationsOf(user, { after, limit: roomsPerBatch });
      found.push(...invitations.map(({ room }) => room));
      after = invitations.at(-1)?.name ?? null;
      if (invitations.length < roomsPerBatch) return found;
    }
  }

  #revokeEntry(roomId: RoomId, { user, fingerprint }: Account): SignedEntry {
    const { authority, clock } = this.#options;
    const content: Payload<'revoke'> = { v: 1, type: 'revoke', room: roomId, at: clock(), user, fingerprint };
    const payload = encodePayload(content);
    const signature = authority.sign(entryDomain('revoke', roomId), payload);
    return { type: 'revoke', payload, by: authority.fingerprint, signature };
  }
}
