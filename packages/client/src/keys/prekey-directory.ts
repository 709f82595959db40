/**
 * Other users' prekeys. The client accepts a prekey from the server only if the identity key that the room's log shows has signed
 * it, only if it has not seen a later one of that user before, and only if it is not dated ahead. One that is dated ahead counts as
 * absent, also if it was seen before, so that no prekey from the end of time excludes all that follow. An earlier one than was seen is
 * refused also when the server has lost the later one: its owner has erased it. But then it is no violation.
 */
import {
  type Fingerprint,
  fromBase64url,
  limits,
  type PublicIdentity,
  prekeyStatement,
  prekeySuite,
  type RoomId,
  type RoomName,
  type SignedPrekey,
  sha256Hex,
  type UserName,
  utf8,
} from '@chat/protocol';
import { type RoomState, UserMap } from '@chat/room';
import type { ClientContext, Directory, FoundPrekeys, Identities, RefusedPrekey } from '../context.ts';
import { ClientError } from '../errors.ts';
import { Turns } from '../scheduler.ts';
import type { SeenPrekey, Table } from '../storage/stored-state.ts';
import { isDatedAhead } from './prekey-time.ts';

/** The check of a signature in this thread takes as long as thirty steps of a turn: half a millisecond or more. */
const stepsPerSignature = 30;
/** Without the check, which other threads make, the import of the key and the hashes are left. */
const stepsPerImport = 8;

type Reader = Pick<ClientContext, 'crypto' | 'scheduler' | 'authority' | 'request' | 'saveSoon' | 'serverLoss'> & {
  readonly identities: Pick<Identities, 'leads'>;
};

/** Size of a public key of X-Wing: ML-KEM-768 (1,184) and X25519 (32). */
const prekeyBytes = 1_216;

/** Returns what is stored of a prekey that was seen: 32 hexadecimal digits of its hash, because the key itself has 1.6 kB. */
const seenId = (prekey: string): string => sha256Hex(utf8(prekey)).slice(0, 32);

/**
 * Why a prekey is refused. `of-next-key`: the user has renewed the identity key, and the log, which the client has not read so far, may show
 * it. The prekey counts as absent, and nothing is reported.
 */
type Refusal = RefusedPrekey['code'] | 'of-next-key';

/** A prekey of a user, and why it is refused; null if it is not. */
interface Judged {
  readonly identity: PublicIdentity;
  readonly record: SignedPrekey;
  readonly refusal: Refusal | null;
}

/** The directory of one client. */
export class PrekeyDirectory implements Directory {
  readonly #reader: Reader;
  #seen: UserMap<SeenPrekey>;

  constructor(reader: Reader, seen: Table<SeenPrekey>) {
    this.#reader = reader;
    this.#seen = UserMap.of(seen);
  }

  async find(roomId: RoomId, users: readonly PublicIdentity[]): Promise<FoundPrekeys> {
    const prekeys = new Map<Fingerprint, Uint8Array>();
    const refused: RefusedPrekey[] = [];
    const turns = new Turns(this.#reader.scheduler);
    const pages = pagesOf(users);
    let next = this.#askEarly(pages[0], roomId);
    for (const [index, asked] of pages.entries()) {
      const records = await next;
      // While the signatures of one page are checked, the server looks for the next one.
      next = this.#askEarly(pages[index + 1], roomId);
      for (const { identity, record, refusal } of await this.#judgeAll(asked, records, turns)) {
        if (refusal === null) prekeys.set(identity.fingerprint, fromBase64url(record.prekey));
        else if (refusal !== 'of-next-key') refused.push({ user: identity.user, code: refusal });
      }
    }
    return { prekeys, refused };
  }

  async identityOf(user: UserName): Promise<PublicIdentity | null> {
    const record = (await this.#ask([user])).get(user);
    if (record === undefined) return null;
    const { key } = record;
    const identity = { user, fingerprint: this.#reader.crypto.fingerprint(fromBase64url(key)), key };
    // The server may show a stranger an earlier prekey, which proves the identity as well.
    const refusal = await this.#refusalOf(identity, record);
    if (refusal === null) return identity;
    throw new ClientError(
      'wrong-prekey',
      refusal === 'early-prekey'
        ? `The server shows a prekey for ${user} that is dated more than a day ahead: check the clock of this machine, then ask ${user} to connect.`
        : `The server shows a prekey for ${user} that is not signed by ${user}: it lies about who ${user} is, or its data are damaged.`,
    );
  }

  /** What is stored. */
  get stored(): UserMap<SeenPrekey> {
    return this.#seen;
  }

  /** Asks before the answer is needed. A failure shows where it is awaited. */
  #askEarly(asked: readonly PublicIdentity[] = [], roomId: RoomId): Promise<ReadonlyMap<UserName, SignedPrekey>> {
    if (asked.length === 0) return Promise.resolve(new Map());
    const answer = this.#ask(
      asked.map(({ user }) => user),
      roomId,
    );
    answer.catch(() => undefined);
    return answer;
  }

  /** Judges the prekeys of one page: their signatures all at once if the cryptography can, or one after another in turns. */
  async #judgeAll(
    asked: readonly PublicIdentity[],
    records: ReadonlyMap<UserName, SignedPrekey>,
    turns: Turns,
  ): Promise<readonly Judged[]> {
    const weight = this.#reader.crypto.verifyAsync === undefined ? stepsPerSignature : stepsPerImport;
    const judged: Promise<Judged>[] = [];
    for (const identity of asked) {
      const record = records.get(identity.user);
      if (record === undefined) continue;
      await turns.step(weight);
      const one = this.#judge(identity, record).then((refusal) => ({ identity, record, refusal }));
      one.catch(() => undefined);
      judged.push(one);
    }
    return Promise.all(judged);
  }

  /** @param roomId the room of these users; undefined when none is known, and the server then bounds the look-ups */
  async #ask(users: UserName[], roomId?: RoomId): Promise<ReadonlyMap<UserName, SignedPrekey>> {
    const room = roomId === undefined ? {} : { room: roomId };
    const { prekeys } = await this.#reader.request('get-prekeys', { users, ...room });
    return new Map(prekeys.map((record) => [record.user, record]));
  }

  /**
   * Returns null if the prekey is signed, not dated ahead, and not older than the one seen before; remembers it then. Otherwise
   * returns why it is refused.
   */
  async #judge(identity: PublicIdentity, record: SignedPrekey): Promise<Refusal | null> {
    if (record.key !== identity.key) return this.#refusalOfOtherKey(identity, record);
    if (record.suite !== prekeySuite) return 'wrong-prekey';
    // The signature of a prekey that was seen before has been verified then.
    const known = this.#compare(identity, record);
    if (known === null) this.#noteAgain(identity.fingerprint);
    if (known === null || known === 'wrong-prekey') return known;
    const refusal = await this.#refusalOf(identity, record);
    if (refusal !== null) return refusal;
    // Another look-up may have shown a later one while the signature was checked.
    const again = this.#compare(identity, record);
    if (again !== 'unseen') return again;
    const { prekey, madeAt } = record;
    this.#note(identity.fingerprint, { id: seenId(prekey), madeAt });
    return null;
  }

  /** Judges a prekey under another identity key than the room's: that of a renewal whose entry is on its way to this client, or a wrong one. */
  async #refusalOfOtherKey({ user, fingerprint }: PublicIdentity, { key }: SignedPrekey): Promise<Refusal> {
    const { identities, crypto } = this.#reader;
    const isNext = await identities.leads(user, fingerprint, crypto.fingerprint(fromBase64url(key)));
    return isNext ? 'of-next-key' : 'wrong-prekey';
  }

  /**
   * Compares a prekey with the one seen before: null if it is the same, `unseen` if there was none or this one is later.
   * `outdated-prekey` if it is earlier and a loss of the server explains that, unless its signature is wrong.
   */
  #compare(
    { fingerprint }: PublicIdentity,
    { prekey, madeAt }: SignedPrekey,
  ): 'unseen' | 'wrong-prekey' | 'outdated-prekey' | null {
    const seen = this.#seen.get(fingerprint);
    const { scheduler, serverLoss } = this.#reader;
    if (seen === undefined || seen.madeAt < madeAt || isDatedAhead(seen.madeAt, scheduler.now())) return 'unseen';
    if (seen.madeAt > madeAt) return serverLoss.explains(seen.seenAt) ? 'outdated-prekey' : 'wrong-prekey';
    return seen.id === seenId(prekey) ? null : 'wrong-prekey';
  }

  #note(fingerprint: Fingerprint, { id, madeAt }: Pick<SeenPrekey, 'id' | 'madeAt'>): void {
    this.#seen = this.#seen.put(fingerprint, { id, madeAt, seenAt: this.#reader.scheduler.now() });
    this.#reader.saveSoon();
  }

  /** The server has it again after a loss, which does not explain from now on that it shows an earlier one. */
  #noteAgain(fingerprint: Fingerprint): void {
    const seen = this.#seen.get(fingerprint);
    if (seen !== undefined && this.#reader.serverLoss.explains(seen.seenAt)) this.#note(fingerprint, seen);
  }

  /** Returns why a prekey is refused, whatever was seen before: it is not signed by this identity, no key of X-Wing, or dated ahead. */
  async #refusalOf(
    { user, key }: PublicIdentity,
    { suite, prekey, madeAt, signature }: SignedPrekey,
  ): Promise<RefusedPrekey['code'] | null> {
    if (suite !== prekeySuite || fromBase64url(prekey).length !== prekeyBytes) return 'wrong-prekey';
    const { crypto, authority, scheduler } = this.#reader;
    const { domain, data } = prekeyStatement(authority.serverId, { user, prekey, madeAt });
    const signed = { publicKey: fromBase64url(key), domain, data, signature: fromBase64url(signature) };
    const isValid =
      crypto.verifyAsync === undefined
        ? crypto.verify(signed.publicKey, domain, data, signed.signature)
        : await crypto.verifyAsync({ ...signed, lowS: true });
    if (!isValid) return 'wrong-prekey';
    return isDatedAhead(madeAt, scheduler.now()) ? 'early-prekey' : null;
  }
}

/** Returns the users of each request. */
function pagesOf(users: readonly PublicIdentity[]): readonly (readonly PublicIdentity[])[] {
  const pages: (readonly PublicIdentity[])[] = [];
  for (let from = 0; from < users.length; from += limits.prekeysPerRequest) {
    pages.push(users.slice(from, from + limits.prekeysPerRequest));
  }
  return pages;
}

/**
 * Reports the prekeys of members that were refused. No link is opened to them. A violation is reported each time, and what a loss of the
 * server explains once.
 */
export function reportRefusedPrekeys(
  { emit, serverLoss }: Pick<ClientContext, 'emit' | 'serverLoss'>,
  { roomId, roomName, state }: { readonly roomId: RoomId; readonly roomName: RoomName; readonly state: RoomState },
  refused: readonly RefusedPrekey[],
): void {
  const { seq } = state.head;
  for (const { code, user } of refused) {
    if (code === 'outdated-prekey') {
      if (serverLoss.noteReport(user)) emit({ kind: 'outdated-prekey', user });
      continue;
    }
    const event = { kind: 'violation', code, seq, user } as const;
    emit({ kind: 'room', roomId, roomName, event, mine: false, live: true });
  }
}
