/**
 * Appends entries that members give back, because the server's store was restored from a backup and lacks them. The server
 * checks each entry as it did when its author appended it, and the signatures of messages too, because another user offers them.
 */
import {
  entryDomain,
  entryHash,
  type Fingerprint,
  fromBase64url,
  limits,
  ProtocolError,
  parsePayload,
  type RequestOf,
  type ResultOf,
  type RoomId,
  type SignedEntry,
  type UserName,
  utf8,
} from '@chat/protocol';
import type { Verifier } from '@chat/signatures';
import { findUser, type RegisteredUser } from '../identity/registered-user.ts';
import type { Directory } from '../ports/directory.ts';
import type { Appended, Room } from '../ports/room-store.ts';
import { type AdmittedEntry, admit, admitCreate } from './entry-rules/append-rules.ts';
import type { LogView } from './entry-rules/log-view.ts';
import { admitRevocation, readRevocation } from './entry-rules/revocation-rules.ts';
import { removedError } from './entry-rules/room-access.ts';
import type { RoomLog } from './room-log.ts';

type Request = RequestOf<'restore-entries'>;
type Result = ResultOf<'restore-entries'>;
type Authors = ReadonlyMap<Fingerprint, RegisteredUser>;

/** What restoring needs of the rooms' options. `clock` returns milliseconds. */
export interface RestorationOptions {
  readonly directory: Pick<Directory, 'findAccount'>;
  /** Verifies signatures of the server's CA. */
  readonly authority: Verifier;
  readonly clock: () => number;
}

/** Entries that were given back and not announced yet. */
interface Returned {
  readonly first: number;
  readonly since: number;
  readonly by: Set<UserName>;
}

const refused = (message: string) => new ProtocolError('entry-refused', message);

/** Restores the logs of rooms. */
export class Restoration {
  readonly #options: RestorationOptions;
  readonly #countCreation: (user: UserName) => void;
  /** By room. The announcement follows the last request of a member, so that the room gets one for many requests. */
  readonly #returned = new WeakMap<RoomLog, Returned>();

  /** @param countCreation counts the creation of a room against the user's quota; throws when it is used up */
  constructor(options: RestorationOptions, countCreation: (user: UserName) => void) {
    this.#options = options;
    this.#countCreation = countCreation;
  }

  /**
   * Appends the entries if `after` is the end of the log. When another member was faster it appends nothing; the answer then
   * states how far the log reaches.
   *
   * @throws ProtocolError with the code of the rule that an entry violates, `other-log`, `not-a-member`, `removed`,
   *   `limit-reached`
   */
  async restore(log: RoomLog, { after, entries, done }: Request, by: RegisteredUser): Promise<Result> {
    await log.settled();
    requireReader(log, after, by);
    const head = log.state?.head ?? 0;
    const known = log.hashAt(after.seq);
    if (after.seq <= head && known !== null && known !== after.hash) throw otherLogError(after.seq);
    if (after.seq === head && entries.length > 0) await this.#append(log, entries, by.user);
    if (done) this.#announce(log);
    return endOf(log);
  }

  /** Appends the entries up to the first one that is refused, and rejects with that refusal. */
  async #append(log: RoomLog, entries: Request['entries'], by: UserName): Promise<void> {
    const { state } = log;
    const head = state?.head ?? 0;
    const authors = await this.#authorsOf(state, entries);
    const present = await hashesOfLatest(log, head);
    const now = this.#options.clock();
    // All take their places in order at once, and so share a commit.
    const places = entries.map(({ at, entry }, index) => {
      const time = Math.max(state?.createdAt ?? 0, Math.min(at, now));
      return log.appendRestored({ at: time, entry }, (ahead, view) => {
        // The entry before was refused, or another member's request has taken the place.
        if ((ahead?.head ?? 0) !== head + index) return null;
        const hash = entryHash(entry);
        if (present.has(hash)) throw refused('This entry is on the log already.');
        present.add(hash);
        return this.#admit(ahead, view, { roomId: log.id, entry, authors, by, now: time });
      });
    });
    const outcomes = await Promise.allSettled(places);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled' && outcome.value !== null) this.#note(log, outcome.value, by);
    }
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }

  #admit(
    ahead: Room | null,
    view: LogView,
    {
      roomId,
      entry,
      authors,
      by,
      now,
    }: { roomId: RoomId; entry: SignedEntry; authors: Authors; by: UserName; now: number },
  ): AdmittedEntry {
    if (ahead !== null && entry.type === 'revoke') {
      const change = admitRevocation(ahead, readRevocation(roomId, entry, this.#options.authority));
      if (change === null) throw refused('The key is revoked in this room already.');
      return { hash: entryHash(entry), change };
    }
    const author = authors.get(entry.by);
    if (author === undefined) {
      throw new ProtocolError(
        'unknown-user',
        'The author of an entry is not registered here: the entry can be given back once its author has enrolled again.',
      );
    }
    const request = { author, cid: '', entry, wraps: null };
    if (ahead === null) {
      const { room, ...admitted } = admitCreate(request);
      if (room !== roomId) throw refused('The create entry is that of another room.');
      this.#countCreation(by);
      return admitted;
    }
    const { payload, signature } = entry;
    if (
      entry.type === 'message' &&
      !author.verifier.verify(entryDomain('message', roomId), utf8(payload), fromBase64url(signature))
    ) {
      throw refused('A message that its author did not sign is not given back.');
    }
    return admit({ state: ahead, view, now }, request);
  }

  /** Looks up the authors of these entries. Includes revoked users: what they wrote before stays on the log. */
  async #authorsOf(state: Room | null, entries: Request['entries']): Promise<Authors> {
    const signers = new Set(entries.map(({ entry }) => entry.by));
    const names = new Set(
      (state?.members ?? []).flatMap(({ user, fingerprint }) => (signers.has(fingerprint) ? [user] : [])),
    );
    for (const { entry } of entries) {
      const payload = entry.type === 'create' || entry.type === 'join' ? parsePayload(entry.type, entry.payload) : null;
      if (payload !== null && 'author' in payload) names.add(payload.author);
    }
    const found = await Promise.all([...names].map((name) => findUser(this.#options.directory, name)));
    return new Map(found.flatMap((user) => (user === null ? [] : [[user.fingerprint, user]])));
  }

  #note(log: RoomLog, { seq, at }: Appended, by: UserName): void {
    const returned = this.#returned.get(log) ?? { first: seq, since: at, by: new Set() };
    returned.by.add(by);
    this.#returned.set(log, returned);
  }

  #announce(log: RoomLog): void {
    const returned = this.#returned.get(log);
    if (returned === undefined) return;
    this.#returned.delete(log);
    const { first, since, by } = returned;
    log.announce({ first, last: log.state?.head ?? first, since, by: [...by] });
  }
}

/**
 * Requires that the user may give entries back: as a member, or, for a user whose membership is among the lost entries, by the
 * knowledge of the log's latest hash.
 */
function requireReader(log: RoomLog, after: Request['after'], { user, fingerprint }: RegisteredUser): void {
  const { state } = log;
  if (state?.removed.some((removal) => removal.user === user)) throw removedError(user);
  if (state?.members.some((member) => member.user === user && member.fingerprint === fingerprint)) return;
  if (after.seq === (state?.head ?? 0) && after.hash === log.hashAt(after.seq)) return;
  throw new ProtocolError('not-a-member', 'You are not in this room: join it first.');
}

/** Returns the hashes of the latest entries, of which one could be offered again: its author view is recent enough. */
async function hashesOfLatest(log: RoomLog, head: number): Promise<Set<string>> {
  const hashes = new Set<string>();
  for (let seq = Math.max(0, head - limits.viewEntries); seq < head; ) {
    const page = await log.readPage(seq, head);
    for (const { hash } of page) if (hash !== null) hashes.add(hash);
    seq = page.at(-1)?.seq ?? head;
  }
  return hashes;
}

function endOf(log: RoomLog): Result {
  const head = log.state?.head ?? 0;
  const hash = log.hashAt(head);
  if (hash === null) throw new Error(`Room ${log.id} has no log hash at its head ${head}.`);
  return { head, hash };
}

const otherLogError = (seq: number): ProtocolError =>
  new ProtocolError('other-log', `This log differs from the one of the request at position ${seq}.`);
