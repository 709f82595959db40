/** How old a token may be. Its timestamp is in seconds since 1970, an unsigned 64-bit number. */
import { numberOf, type Uint64 } from '../encoding/uint64.ts';

/** How far in the future a token may claim to be from, seconds: the tolerance for clocks that differ. */
const MAX_CLOCK_SKEW = 60;

/** The longest age that is accepted and the time at which it is judged, both in whole seconds. */
export interface TimeLimit {
  readonly ttl: number;
  readonly now: number;
}

export function isTimely(timestamp: Uint64, { ttl, now }: TimeLimit): boolean {
  const created = numberOf(timestamp);
  return created + ttl >= now && created <= now + MAX_CLOCK_SKEW;
}
