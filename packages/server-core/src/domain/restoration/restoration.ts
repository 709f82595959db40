/**
 * Appends entries that members give back, because the server's store was restored from a backup and lacks them. The server
 * checks each entry as it did when its author appended it, and the signatures of messages too, because another user offers them.
 */
import {
  entryHash,
  type Fingerprint,
  fingerprintOfKey,
  keysOfChain,
  lastKeyOf,
  ProtocolError,
  parsePayload,
  type RequestOf,
  type ResultOf,
  type RoomId,
  type SignedEntry,
  type UserName,
} from '@chat/protocol';
import type { Verifier } from '@chat/signatures';
import { type ChainJudge, hadKey, verifierOf } from '../../identity/key-chain.ts';
import { findUser, type RegisteredUser } from '../../identity/registered-user.ts';
import { type Directory, storedRenewals } from '../../ports/directory.ts';
import type { Log } from '../../ports/log.ts';
import type { Appended, Room, RoomStore } from '../../ports/room-store.ts';
import type { StorageGuard } from '../../throttle/storage-guard.ts';
import type { AdmittedEntry } from '../entry-rules/append-rules.ts';
import { type LogView, lostHashError } from '../entry-rules/log-view.ts';
import { removedError } from '../entry-rules/room-access.ts';
import { roomDeletedError } from '../requests/new-entry.ts';
import { latestOf } from './latest-entries.ts';
import { Pauses } from './pauses.ts';
import { repairedRow } from './repair.ts';
import type { RestorableLog, Restored } from './restorable-log.ts';
import { type Authors, admitReturned, authorsOf, renewalIn } from './returned-entry.ts';
import { ReturnedLimits, type ReturnedLimitsOptions } from './returned-limits.ts';

type Request = RequestOf<'restore-entries'>;
type Result = ResultOf<'restore-entries'>;
type Given = Request['entries'][number];

/** What restoring needs of the rooms' options. */
export interface RestorationOptions extends Omit<ReturnedLimitsOptions, 'startedAt'> {
  readonly store: Pick<RoomStore, 'wasDeleted' | 'logHashes'>;
  readonly directory: Pick<Directory, 'findAccount' | 'renewalsOf' | 'renewKey'>;
  readonly judgeChain: ChainJudge;
  /** Called when an account has got a later key, with each key before it. Resolves when no session and no link of that one is left. */
  readonly keyRenewed: (user: UserName, before: Fingerprint) => Promise<void>;
  readonly log: Pick<Log, 'error'>;
  /** Verify signatures of the server's CAs. */
  readonly authorities: readonly Verifier[];
  readonly storage: Pick<StorageGuard, 'ready' | 'permit'>;
  /** Informs the members who follow the room. */
  readonly announce: (roomId: RoomId, restored: Restored) => void;
}

/** Entries that were given back and not announced yet. */
interface Returned {
  readonly first: number;
  last: number;
  readonly since: number;
  readonly by: Set<UserName>;
}

/** One request on its way to the log. */
interface Batch {
  readonly log: RestorableLog;
  readonly authors: Authors;
  /** Hashes of entries that are on the log. */
  readonly present: Set<string>;
  readonly by: UserName;
}

const refused = (message: string) => new ProtocolError('entry-refused', message);

/** Restores the logs of rooms. */
export class Restoration {
  readonly #options: RestorationOptions;
  readonly #limits: ReturnedLimits;
  readonly #pauses: Pauses;
  /** By room. The announcement follows the end of the pause, so that the room gets one for many requests. */
  readonly #returned = new Map<RoomId, Returned>();

  constructor(options: RestorationOptions) {
    this.#options = options;
    this.#limits = new ReturnedLimits({ ...options, startedAt: options.clock() });
    this.#pauses = new Pauses({ clock: options.clock, abandoned: (roomId) => this.#announce(roomId) });
  }

  /** Returns a promise for the time when new entries may be appended to the room; null if they may be at once. */
  pauseOf(roomId: RoomId): Promise<void> | null {
    return this.#pauses.of(roomId);
  }

  /**
   * Appends the entries if `after` is the end of the log. When another member was faster it appends nothing; the answer then
   * states how far the log reaches.
   *
   * @throws ProtocolError with the code of the rule that an entry violates, `other-log`, `not-a-member`, `removed`,
   *   `unknown-room`, `limit-reached`, `storage-full`
   */
  async restore(log: RestorableLog, { after, entries, done }: Request, by: RegisteredUser): Promise<Result> {
    await log.settled();
    await this.#requireReader(log, after, by);
    const head = log.state?.head ?? 0;
    const known = log.hashAt(after.seq);
    if (after.seq <= head && known !== null && known !== after.hash) throw otherLogError(after.seq);
    // Another member was faster, and may have less: this one goes on from there.
    if (after.seq < head && entries.length > 0 && this.pauseOf(log.id) !== null) this.#pauses.begin(log.id, by.user);
    try {
      if (after.seq === head && entries.length > 0) await this.#append(log, entries, by.user);
      else await this.#repair(log, { after, entries }, by.user);
    } catch (error) {
      this.#end(log, by.user);
      throw error;
    }
    // Without a pause nothing else leads to the announcement.
    if (done || this.pauseOf(log.id) === null) this.#end(log, by.user);
    return endOf(log);
  }

  /**
   * Requires that the user may give entries back: as a member, also if the room has an earlier key of the user, because the renewal is among
   * the lost entries; or, for a user whose membership is among them, by the knowledge of the log's latest hash.
   */
  async #requireReader(
    log: RestorableLog,
    after: Request['after'],
    { user, fingerprint }: RegisteredUser,
  ): Promise<void> {
    const { state } = log;
    if (state?.removed.some((removal) => removal.user === user)) throw removedError(user);
    if (after.seq === (state?.head ?? 0) && after.hash === log.hashAt(after.seq)) return;
    const member = state?.members.find((each) => each.user === user);
    if (member?.fingerprint === fingerprint) return;
    if (member !== undefined && (await hadKey(this.#options.directory, user, member.fingerprint))) return;
    throw new ProtocolError('not-a-member', 'You are not in this room: join it first.');
  }

  /** Appends the entries up to the first one that is refused, and rejects with that refusal. */
  async #append(log: RestorableLog, entries: Request['entries'], by: UserName): Promise<void> {
    const { state } = log;
    const head = state?.head ?? 0;
    if (state === null) await this.#requireNotDeleted(log.id);
    await this.#options.storage.ready(log.id);
    const signed = entries.map(({ entry }) => entry);
    const { hashes: present, latestAt } = await latestOf(log, head, signed);
    const batch = { log, authors: await authorsOf(log, signed, this.#options), present, by };
    let time = Math.max(state?.createdAt ?? 0, latestAt);
    this.#pauses.begin(log.id, by);
    // All take their places in order at once, and so share a commit.
    const places = entries.map((given, index) => {
      time = this.#limits.timeOf(given.at, time);
      const place = { at: time, entry: given.entry };
      return log.appendRestored(place, (ahead, view) => {
        // The entry before was refused, or another member's request has taken the place.
        if ((ahead?.head ?? 0) !== head + index) return null;
        return this.#admit(batch, place, { ahead, view });
      });
    });
    const outcomes = await Promise.allSettled(places);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled' && outcome.value !== null) this.#note(log, outcome.value, by);
    }
    for (const [index, entry] of signed.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status === 'fulfilled' && outcome.value !== null) await this.#renewAccount(entry);
    }
    // Where another member took the places, what that one gave back may not be durable yet: the answer would deny that it is there.
    await log.settled();
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }

  /** Writes those of the entries again whose rows are damaged, and announces them. */
  async #repair(
    log: RestorableLog,
    { after, entries }: Pick<Request, 'after' | 'entries'>,
    by: UserName,
  ): Promise<void> {
    const { store, announce } = this.#options;
    let run = null as Restored | null;
    for (const [index, { at, entry }] of entries.entries()) {
      const seq = after.seq + 1 + index;
      if (!log.wanted.has(seq)) continue;
      const time = this.#limits.timeOf(at, log.state?.createdAt ?? 0);
      const row = await repairedRow(log, store, { seq, at: time, entry });
      if (row === 'refused') throw refused(`This is not the entry that was at position ${seq} of the log.`);
      if (row === 'sound') continue;
      await log.repair(row);
      if (run !== null && run.last !== seq - 1) announce(log.id, run);
      run = run?.last === seq - 1 ? { ...run, last: seq } : { first: seq, last: seq, since: time, by: [by] };
    }
    if (run !== null) announce(log.id, run);
  }

  #admit(
    { log: { id: roomId }, authors, present, by }: Batch,
    { at, entry }: Given,
    { ahead, view }: { readonly ahead: Room | null; readonly view: LogView },
  ): AdmittedEntry {
    this.#limits.requireOpen(roomId);
    if (present.has(entryHash(entry))) throw refused('This entry is on the log already.');
    const { authorities, judgeChain } = this.#options;
    const context = { roomId, state: ahead, view, judgeChain, authors, authorities, now: at };
    const { admitted, author } = admitReturned(context, entry);
    const byStranger = author?.hasAccount === false && (entry.type === 'create' || entry.type === 'join');
    this.#limits.count({ roomId, entry, author: author?.user ?? null, at, by, counted: admitted, byStranger });
    present.add(admitted.hash);
    return admitted;
  }

  /**
   * Gives an account the key of a `renew-key` entry that was given back: the server has lost the renewal, too, and without it the
   * user's later entries. What the key before has ends, as after the request of the user's client. Does nothing if the account has that key
   * or a later one.
   */
  async #renewAccount(entry: SignedEntry): Promise<void> {
    const payload = entry.type === 'renew-key' ? parsePayload(entry.type, entry.payload) : null;
    const { directory, judgeChain, keyRenewed, log } = this.#options;
    const account = payload === null ? null : await findUser(directory, payload.author);
    const chain = account === null ? null : renewalIn(entry, account, judgeChain);
    const verifier = chain === null ? null : verifierOf(lastKeyOf(chain));
    if (account === null || chain === null || verifier === null) return;
    const { fingerprint, publicKey: identity } = verifier;
    const renewals = storedRenewals(chain);
    const { user, fingerprint: before } = account;
    const outcome = await directory.renewKey(user, { before, renewals, fingerprint, identity });
    if (outcome !== 'renewed') return;
    for (const key of keysOfChain(chain).slice(0, -1)) {
      // It waits for the requests of the sessions that end, and this request may be one of them.
      keyRenewed(user, fingerprintOfKey(key)).catch((error: unknown) =>
        log.error({ user, error }, 'links of a renewed key are left'),
      );
    }
  }

  async #requireNotDeleted(roomId: RoomId): Promise<void> {
    if (!(await this.#options.store.wasDeleted(roomId))) return;
    throw roomDeletedError();
  }

  #note(log: RestorableLog, { seq, at }: Appended, by: UserName): void {
    const returned = this.#returned.get(log.id) ?? { first: seq, last: seq, since: at, by: new Set() };
    returned.last = Math.max(returned.last, seq);
    returned.by.add(by);
    this.#returned.set(log.id, returned);
    this.#pauses.prolong(log.id);
  }

  /** Ends what one member gives back. The announcement follows the last of several members. */
  #end(log: RestorableLog, by: UserName): void {
    if (!this.#pauses.end(log.id, by)) return;
    if (log.state === null) this.#pauses.forget(log.id);
    this.#announce(log.id);
  }

  #announce(roomId: RoomId): void {
    const returned = this.#returned.get(roomId);
    if (returned === undefined) return;
    this.#returned.delete(roomId);
    this.#options.announce(roomId, { ...returned, by: [...returned.by] });
  }
}

function endOf(log: RestorableLog): Result {
  const head = log.state?.head ?? 0;
  const hash = log.hashAt(head);
  if (hash === null) throw lostHashError(head);
  return { head, hash };
}

const otherLogError = (seq: number): ProtocolError =>
  new ProtocolError('other-log', `This log differs from the one of the request at position ${seq}.`);
