/**
 * Safety numbers: digits that two users compare to verify each other's keys. The construction is that of Signal's numeric
 * fingerprints: 30 digits for each side from an iterated hash, the smaller 30 first.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { backend } from '#backend';
import { type Curve, curveNamed } from '../encoding/curve.ts';
import { encodeSpki } from '../encoding/spki.ts';
import { requireObject, textInput } from '../input.ts';
import { importPublicKey, type PublicKeyInput } from '../keys/public-key.ts';
import { lengthPrefixed } from './domain.ts';

/** One of the two users. A `Verifier` or a `Signer` is accepted too. */
export interface SafetyNumberParty {
  /** The user's public key. */
  readonly publicKey: PublicKeyInput;
  /** The curve of the key. A key of another curve is refused. `P-384` if omitted. */
  readonly curve?: Curve | undefined;
  /**
   * A name that both sides write alike, byte for byte; the number is bound to it. Pass it for both users or for neither.
   * Not bound to a name if omitted.
   */
  readonly name?: string | undefined;
}

/** The version changes when the construction does: numbers of two versions never agree. */
const label = /* @__PURE__ */ new TextEncoder().encode('@chat/signatures safety number v1\n');

/** The hashes for each key, one after the other. */
const iterations = 5200;

const groupsPerParty = 6;
const groupBytes = 5;

/**
 * Computes the safety number of two users. It does not depend on their order, and differs if either key or name does. Show
 * all of it, as text or as a QR code: an attacker who can predict which groups are compared needs to match only those.
 *
 * Computes 5,200 SHA-512 for each side: 10 to 40 ms in total. An attacker who wants one half to equal another user's must
 * try 2^100 keys (30 digits), each at the cost of as many hashes: 2^112 in total.
 *
 * @returns 60 decimal digits in 12 groups of 5, separated by single spaces
 * @throws SignatureError `invalid-public-key`, and `invalid-argument` for what is no party, an unknown curve and a name that is not
 *   Unicode text
 */
export function safetyNumber(a: SafetyNumberParty, b: SafetyNumberParty): string {
  return [readParty(a), readParty(b)].map(partyDigits).sort().join(' ');
}

interface Party {
  readonly key: Uint8Array;
  readonly name: Uint8Array;
}

function readParty(party: SafetyNumberParty): Party {
  requireObject(party, 'party of a safety number');
  const { publicKey, curve, name = '' } = party;
  return { key: encodeSpki(importPublicKey(publicKey, curveNamed(curve))), name: textInput(name, 'name') };
}

/** h(0) = SHA-512(label, length-prefixed key and name), h(i) = SHA-512(h(i - 1), key). Returns digits of the last one. */
function partyDigits({ key, name }: Party): string {
  let hash = backend.sha512(concatBytes(label, lengthPrefixed(key, name)));
  const hashAndKey = concatBytes(hash, key);
  for (let done = 1; done < iterations; done++) {
    hashAndKey.set(hash);
    hash = backend.sha512(hashAndKey);
  }
  return Array.from({ length: groupsPerParty }, (_, group) => groupDigits(hash, group * groupBytes)).join(' ');
}

/** Returns five bytes, big-endian, modulo 100,000. */
function groupDigits(hash: Uint8Array, at: number): string {
  const value = hash.subarray(at, at + groupBytes).reduce((sum, byte) => sum * 256 + byte, 0);
  return String(value % 100_000).padStart(5, '0');
}
