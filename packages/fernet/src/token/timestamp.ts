/** The age of a token. Its timestamp is an unsigned 64-bit number of seconds since 1970. */
import { numberOf, type Uint64 } from '../encoding/uint64.ts';
import type { TimeLimit } from '../input.ts';

/** How far in the future a token's timestamp may be, because clocks differ. */
const maxClockSkewSeconds = 60;

/** True when a token with this timestamp is within the limit. */
export function isTimely(timestamp: Uint64, { ttl, now }: TimeLimit): boolean {
  const created = numberOf(timestamp);
  return created + ttl >= now && created <= now + maxClockSkewSeconds;
}
