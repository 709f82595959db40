/** Draws private keys by rejection sampling (SP 800-56A rev. 3, section 5.6.1.2.2), and checks their range. */
import { requireBytes } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import { draw, type RandomBytes } from '../random.ts';
import type { SuiteParameters } from '../suite.ts';

/** A sound generator needs a second draw at most once in 2^32 (P-256), so this many failures mean that it is stuck. */
const maxDraws = 16;

/**
 * Returns the first draw of the private key's size that is in range. The same draws give the same key on every platform.
 *
 * @throws HubError `invalid-argument` if 16 draws give no key
 */
export function drawPrivateKey(suite: SuiteParameters, random: RandomBytes): Uint8Array {
  for (let draws = 0; draws < maxDraws; draws++) {
    const candidate = draw(random, suite.privateKeyBytes);
    if (isInRange(candidate, suite)) return candidate;
  }
  throw new HubError('invalid-argument', `${maxDraws} draws gave no ${suite.name} key: random is not random`);
}

/**
 * Checks the size and the range of a private key.
 *
 * @throws HubError `invalid-private-key`
 */
export function requirePrivateKey(privateKey: Uint8Array, suite: SuiteParameters): void {
  requireBytes(privateKey, `a private key of ${suite.name}`, {
    minBytes: suite.privateKeyBytes,
    maxBytes: suite.privateKeyBytes,
    code: 'invalid-private-key',
  });
  if (!isInRange(privateKey, suite)) {
    throw new HubError('invalid-private-key', `the private key is out of the range of ${suite.name}: it is damaged`);
  }
}

/** Returns whether 0 < key < order, in a time that does not depend on the key: subtracts, and looks at the last borrow. */
function isInRange(privateKey: Uint8Array, { order }: SuiteParameters): boolean {
  if (order === null) return true;
  const borrow = order.reduceRight((carried, byte, i) => (((privateKey[i] ?? 0) - byte - carried) >> 8) & 1, 0);
  const bits = privateKey.reduce((seen, byte) => seen | byte, 0);
  return borrow === 1 && bits !== 0;
}
