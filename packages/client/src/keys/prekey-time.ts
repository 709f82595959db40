/** The time that a client signs into a prekey: it orders the prekeys of a user, and shows little of when the user was there. */
import { limits } from '@chat/protocol';
import type { ClientContext } from '../context.ts';

const weekMs = 7 * 24 * 60 * 60 * 1000;
const dayMs = 24 * 60 * 60 * 1000;

/** Returns a random whole number below 2^48 times `bound` / 2^48. */
function randomBelow(bound: number, crypto: Pick<ClientContext['crypto'], 'random'>): number {
  const fraction = crypto.random(6).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 48;
  return Math.floor(fraction * bound);
}

/** Returns whether a prekey with this signed time counts as absent, because no clock of an honest client is that far ahead. */
export const isDatedAhead = (madeAt: number, now: number): boolean => madeAt > now + limits.prekeyAhead;

/**
 * Returns the signed time of a new prekey: later than that of the one before, and otherwise a random one of the week before this
 * one. So it shows in which week the prekey was made, and neither the day nor how often the user was there in that week.
 *
 * @param now when the prekey is made
 * @param before the signed time of the prekey before; 0 if there is none
 */
export function madeAtOf(now: number, before: number, crypto: Pick<ClientContext['crypto'], 'random'>): number {
  const lastWeek = Math.max(0, Math.floor(now / weekMs) - 1) * weekMs;
  if (before >= lastWeek) return before + 1 + randomBelow(1_000, crypto);
  return lastWeek + randomBelow(6 * dayMs, crypto);
}
