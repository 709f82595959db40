/** Private keys: drawn by rejection sampling (SP 800-56A rev. 3, section 5.6.1.2.2) and checked for their range. */
import { checkBytes } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import { draw, type RandomBytes } from '../random.ts';
import type { SuiteParameters } from './suite.ts';

/** A sound generator needs a second draw once in 2^32 at most (P-256), so this many mean that it is stuck. */
const MAX_DRAWS = 16;

/** The first draw of the private key's size that is in range: the same bytes drawn give the same key everywhere. */
export function drawPrivateKey(suite: SuiteParameters, random: RandomBytes): Uint8Array {
  for (let draws = 0; draws < MAX_DRAWS; draws++) {
    const candidate = draw(random, suite.privateKeyBytes);
    if (isInRange(candidate, suite)) return candidate;
  }
  throw new HubError('invalid-argument', `${MAX_DRAWS} draws gave no ${suite.name} key: random is not random`);
}

/** Throws `invalid-private-key` unless these bytes are a private key of the suite. */
export function checkPrivateKey(privateKey: Uint8Array, suite: SuiteParameters): void {
  const size = suite.privateKeyBytes;
  checkBytes(privateKey, `a private key of ${suite.name}`, size, size, 'invalid-private-key');
  if (!isInRange(privateKey, suite)) {
    throw new HubError('invalid-private-key', `the private key is out of the range of ${suite.name}: it is damaged`);
  }
}

/** 0 < key < order, in a time that does not depend on the key: a subtraction whose last borrow is the answer. */
function isInRange(privateKey: Uint8Array, { order }: SuiteParameters): boolean {
  if (order === undefined) return true;
  const borrow = order.reduceRight((carried, byte, i) => (((privateKey[i] ?? 0) - byte - carried) >> 8) & 1, 0);
  const bits = privateKey.reduce((seen, byte) => seen | byte, 0);
  return borrow === 1 && bits !== 0;
}
