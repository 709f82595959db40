/** The source of random bytes, which every caller may replace: the seam that makes an envelope reproducible. */
import { HubError } from './errors.ts';

/** Returns `bytes` fresh, secret, uniformly random bytes. */
export type RandomBytes = (bytes: number) => Uint8Array;

/** The platform's cryptographically secure generator. */
export function secureRandom(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}

/** One draw, copied, since a caller's generator may hand out a view of a buffer that it uses again. */
export function draw(random: RandomBytes, bytes: number): Uint8Array {
  const drawn: unknown = random(bytes);
  if (!(drawn instanceof Uint8Array) || drawn.length !== bytes) {
    throw new HubError('invalid-argument', `random(${bytes}) must return a Uint8Array of ${bytes} bytes`);
  }
  return new Uint8Array(drawn);
}
