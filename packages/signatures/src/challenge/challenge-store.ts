/** Where a server keeps the challenges it has issued until they are answered: a port, and its form in memory. */
import { SignatureError } from '../errors.ts';

/** What is remembered of a challenge: plain JSON. */
export interface ChallengeRecord {
  readonly purpose: string;
  /** SHA-256 of the channel's bytes in hexadecimal, since those may be secret. Empty when bound to no channel. */
  readonly channel: string;
  /** Milliseconds on the clock that `now` comes from. The challenge counts before this moment. */
  readonly expiresAt: number;
}

/**
 * What `issueChallenge` and `verifyChallenge` need of a store; its promises are awaited.
 *
 * - `take` MUST find and remove in one step (SQL `DELETE … RETURNING`, Redis `GETDEL`): of any number of callers, one
 *   gets the record. Single use rests on this alone.
 * - When several servers share one store, their clocks SHOULD agree to well within the lifetime.
 * - A store SHOULD be bounded. Losing a record is safe: its answer is refused, and the client asks again.
 */
export interface ChallengeStore {
  /** Remembers a challenge. Records that expired before `now` may be dropped. */
  add(challenge: string, record: ChallengeRecord, now: number): undefined | Promise<void>;
  /** Removes the record and returns it; undefined when there is none. */
  take(challenge: string): ChallengeRecord | undefined | Promise<ChallengeRecord | undefined>;
}

/**
 * A store in this process's memory, for at most so many challenges (a whole number from 1; about 300 bytes each). When
 * it is full, the oldest makes room: an attacker must issue a whole store's worth between a client's question and its
 * answer to be in the way, whereas refusing new ones would let them lock everybody out for a lifetime.
 *
 * Throws `invalid-argument`.
 */
export function createMemoryChallengeStore(capacity: number): ChallengeStore {
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new SignatureError('invalid-argument', 'The capacity must be a whole number from 1.');
  }
  /** Oldest first: a Map keeps the order of insertion. */
  const records = new Map<string, ChallengeRecord>();
  return Object.freeze({
    add(challenge: string, record: ChallengeRecord, now: number) {
      for (const [oldest, { expiresAt }] of records) {
        if (expiresAt > now && records.size < capacity) break;
        records.delete(oldest);
      }
      records.set(challenge, record);
      return undefined;
    },
    take(challenge: string) {
      const record = records.get(challenge);
      records.delete(challenge);
      return record;
    },
  });
}
