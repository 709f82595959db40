/** Random bytes. The generator is an argument of every operation that draws, so that results can be reproduced. */
import { HubError } from './errors.ts';

/** Returns `bytes` fresh, secret, uniformly random bytes. */
export type RandomBytes = (bytes: number) => Uint8Array;

/** Draws from the platform's cryptographically secure generator. */
export function secureRandom(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}

/**
 * Draws once and copies the result, because a caller's generator may return a view of a buffer that it reuses.
 *
 * @throws HubError `invalid-argument` if the generator is no function, or returns another type or size
 */
export function draw(random: RandomBytes, bytes: number): Uint8Array {
  if (typeof random !== 'function') throw new HubError('invalid-argument', '`random` must be a function');
  const drawn: unknown = random(bytes);
  if (!(drawn instanceof Uint8Array) || drawn.length !== bytes) {
    throw new HubError('invalid-argument', `random(${bytes}) must return a Uint8Array of ${bytes} bytes`);
  }
  return new Uint8Array(drawn);
}
