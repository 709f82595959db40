/** The form of a public key of X-Wing, which consists of one of ML-KEM-768 and one of X25519. */

/** Size of a public key. */
const keyBytes = 1_216;
/** The coefficients of the part of ML-KEM-768: 768 numbers of 12 bits. */
const coefficientBytes = 1_152;
/** Each coefficient is a number modulo this prime. */
const modulus = 3_329;

/**
 * Returns whether members can open links to a key. ML-KEM (FIPS 203, section 7.2) refuses one whose coefficients are not reduced. Every
 * string of 32 bytes is a key of X25519.
 */
export function isXWingKey(key: Uint8Array): boolean {
  if (key.length !== keyBytes) return false;
  for (let at = 0; at < coefficientBytes; at += 3) {
    const low = key[at] ?? 0;
    const middle = key[at + 1] ?? 0;
    const high = key[at + 2] ?? 0;
    if (low + ((middle & 15) << 8) >= modulus || (middle >>> 4) + (high << 4) >= modulus) return false;
  }
  return true;
}
