/**
 * The proof with which two programs of one user show each other that they have opened the same profile with its password. Without it,
 * every program of the system user could write through an open client.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

const proofBytes = 32;

/** Who proves it: the program that has the profile, or one that wants to use it. */
export type Side = 'holder' | 'guest';

/** The nonces of both sides, 32 bytes each in hexadecimal. */
export interface Nonces {
  readonly holder: string;
  readonly guest: string;
}

/**
 * Returns the key of the proofs: 32 bytes.
 *
 * @param secret the `secret` of `unlockKeyFile`
 */
export const localKeyOf = (secret: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), 'chat/1 local', proofBytes));

/** Returns the proof of one side in hexadecimal. */
export const proofOf = (key: Uint8Array, side: Side, { holder, guest }: Nonces): string =>
  createHmac('sha256', key).update(`chat/1 local ${side}\n${holder}\n${guest}`).digest('hex');

/** Returns whether the other side has the key, in a time that does not depend on the proof. */
export function isProof(key: Uint8Array, side: Side, nonces: Nonces, proof: string): boolean {
  const given = Buffer.from(proof, 'hex');
  return given.length === proofBytes && timingSafeEqual(given, Buffer.from(proofOf(key, side, nonces), 'hex'));
}
