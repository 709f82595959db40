/**
 * Safety numbers: what two people read to each other to know that nobody stands between them. The construction is the
 * one of Signal's numeric fingerprints: 30 digits for each side from an iterated hash, the smaller 30 first.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { backend } from '#backend';
import { encodeSpki } from '../encoding/spki.ts';
import { textInput } from '../input.ts';
import { importPublicKey, type PublicKeyInput } from '../keys/public-key.ts';
import { lengthPrefixed } from './length-prefixed.ts';

/** One of the two people: a `Verifier` or `Signer` will do. */
export interface SafetyNumberParty {
  readonly publicKey: PublicKeyInput;
  /** Binds the key to a name that both sides write alike, to the byte. Either both people's is given, or neither's. */
  readonly name?: string | undefined;
}

/** The version changes if ever the construction does: numbers of two versions never agree. */
const label = /* @__PURE__ */ new TextEncoder().encode('@chat/signatures safety number v1\n');

/** Hashes for each key, one after the other. */
const iterations = 5200;

const groups = 6;
const groupBytes = 5;

/**
 * 60 decimal digits in 12 groups of 5, with single spaces between: the same whichever way round the two are given,
 * different when either key or name is. Show it whole, as text or as a QR code; people who compare only some groups are
 * safe only from who cannot choose which.
 *
 * 5200 SHA-512 for each side, 10 to 40 ms in all. To make one half come out as somebody else's takes 2^100 keys (30
 * digits), each at the cost of as many hashes: 2^112 of them.
 *
 * Throws `invalid-public-key` as `importVerifier` does, `invalid-argument` for a name that is not Unicode text.
 */
export function safetyNumber(a: SafetyNumberParty, b: SafetyNumberParty): string {
  return [readParty(a), readParty(b)].map(partyDigits).sort().join(' ');
}

interface Party {
  readonly key: Uint8Array;
  readonly name: Uint8Array;
}

function readParty({ publicKey, name = '' }: SafetyNumberParty): Party {
  return { key: encodeSpki(importPublicKey(publicKey).point), name: textInput(name, 'name') };
}

/** h(0) = SHA-512(label, key and name behind their lengths), h(i) = SHA-512(h(i - 1), key); digits of the last. */
function partyDigits({ key, name }: Party): string {
  let hash = backend.sha512(concatBytes(label, lengthPrefixed(key, name)));
  const hashAndKey = concatBytes(hash, key);
  for (let done = 1; done < iterations; done++) {
    hashAndKey.set(hash);
    hash = backend.sha512(hashAndKey);
  }
  return Array.from({ length: groups }, (_, group) => groupDigits(hash, group * groupBytes)).join(' ');
}

/** Five bytes, big-endian, modulo 100,000. */
function groupDigits(hash: Uint8Array, at: number): string {
  const value = hash.subarray(at, at + groupBytes).reduce((sum, byte) => sum * 256 + byte, 0);
  return String(value % 100_000).padStart(5, '0');
}
