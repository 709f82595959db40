/** P-384 private keys as PrivateKeyInfo (PKCS #8, RFC 5958) around ECPrivateKey (RFC 5915), the public key included. */

import { unsupportedKey } from '../private-key-error.ts';
import { DerError, DerReader, element, number, objectIdentifier, octetString, sequence, tag } from './der.ts';
import { ecPublicKey, secp384r1 } from './object-identifiers.ts';
import { isScalar, type KeyPair, pointBytes, scalarBytes, uncompressed } from './p384.ts';

const noUnusedBits = Uint8Array.of(0);

/** PrivateKeyInfo in DER: secret bytes, which the caller wipes. */
export function encodePkcs8({ scalar, point }: KeyPair): Uint8Array {
  const publicKey = element(tag.context1, element(tag.bitString, noUnusedBits, point));
  const ecPrivateKey = sequence(number(1), octetString(scalar), publicKey);
  const algorithm = sequence(objectIdentifier(ecPublicKey), objectIdentifier(secp384r1));
  return sequence(number(0), algorithm, octetString(ecPrivateKey));
}

/**
 * The key pair as the file states it: whether the halves belong together is for the caller to check. Throws `DerError`
 * for bytes that are not a PrivateKeyInfo, and `unsupported-key` for another kind of key, another curve, or one without
 * its uncompressed public key.
 */
export function decodePkcs8(der: Uint8Array): KeyPair {
  const outer = new DerReader(der);
  const info = outer.inside(tag.sequence);
  outer.end();
  const version = info.number();
  const algorithm = info.inside(tag.sequence);
  const privateKey = info.content(tag.octetString);
  if (info.next === tag.context0) info.content(tag.context0); // attributes, which say nothing about the key
  if (version === 0) info.end();
  if (version !== 0 || algorithm.objectIdentifier() !== ecPublicKey) throw unsupportedKey();
  requireP384(algorithm);
  return decodeEcPrivateKey(privateKey);
}

function decodeEcPrivateKey(der: Uint8Array): KeyPair {
  const outer = new DerReader(der);
  const key = outer.inside(tag.sequence);
  outer.end();
  if (key.number() !== 1) throw new DerError('not an ECPrivateKey');
  const scalar = key.content(tag.octetString);
  if (scalar.length !== scalarBytes || !isScalar(scalar)) throw new DerError('not a P-384 scalar');
  if (key.next === tag.context0) requireP384(key.inside(tag.context0));
  if (key.next === undefined) throw unsupportedKey();
  const publicKey = key.inside(tag.context1);
  key.end();
  const [unusedBits, ...point] = publicKey.content(tag.bitString);
  publicKey.end();
  if (unusedBits !== 0) throw new DerError('a point of half a byte');
  if (point.length !== pointBytes || point[0] !== uncompressed) throw unsupportedKey();
  return { scalar: Uint8Array.from(scalar), point: Uint8Array.from(point) };
}

function requireP384(parameters: DerReader): void {
  if (parameters.next !== tag.objectIdentifier || parameters.objectIdentifier() !== secp384r1) throw unsupportedKey();
  parameters.end();
}
