/** The store of the challenges that a server has issued and that have not been answered: a port, and its form in memory. */
import { SignatureError } from '../errors.ts';

/** What a store keeps of a challenge: plain JSON. */
export interface ChallengeRecord {
  /** The purpose for which the challenge was issued. */
  readonly purpose: string;
  /** SHA-256 of the channel's bytes in hexadecimal, because the bytes may be secret. Empty if bound to no channel. */
  readonly channel: string;
  /** Milliseconds on the clock of `now`. The challenge is valid before this moment. */
  readonly expiresAt: number;
}

/**
 * The store that `issueChallenge` and `verifyChallenge` need. They await its promises.
 *
 * - `take` MUST find and remove a record in one step (SQL `DELETE … RETURNING`, Redis `GETDEL`): of any number of
 *   simultaneous callers, one gets the record. Single use depends on this alone.
 * - If several servers share one store, their clocks SHOULD agree to well within the lifetime.
 * - A store SHOULD be bounded. Losing a record is safe: its answer is refused, and the client requests another challenge.
 */
export interface ChallengeStore {
  /**
   * Stores a challenge.
   *
   * @param now milliseconds; records that expired before this moment may be dropped
   */
  add(challenge: string, record: ChallengeRecord, now: number): undefined | Promise<void>;
  /** Removes the record of a challenge and returns it; `null` or `undefined` if there is none. */
  take(challenge: string): ChallengeRecord | null | undefined | Promise<ChallengeRecord | null | undefined>;
}

/**
 * Creates a store in this process's memory. When it is full, it drops the oldest record: an attacker who wants to displace
 * a client's challenge must issue as many as the store holds before the client answers. If it refused new ones instead, an
 * attacker could lock out all clients for a lifetime.
 *
 * @param capacity the most challenges that it holds, from 1; about 300 bytes each
 * @throws SignatureError `invalid-argument` if the capacity is not a whole number from 1
 */
export function createMemoryChallengeStore(capacity: number): ChallengeStore {
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new SignatureError('invalid-argument', 'the capacity must be a whole number from 1');
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
