/** P-384 private keys as PrivateKeyInfo (PKCS #8, RFC 5958) around ECPrivateKey (RFC 5915), with the public key. */
import { unsupportedKey } from '../errors.ts';
import { DerError, DerReader, element, number, objectIdentifier, octetString, sequence, tag } from './der.ts';
import { isScalar, type KeyPair, pointBytes, scalarBytes, uncompressed } from './p384.ts';

// Object identifiers are the content of their DER encoding in hexadecimal.

/** 1.2.840.10045.2.1 (RFC 5480) */
export const ecPublicKeyOid = '2a8648ce3d0201';
/** 1.3.132.0.34 (RFC 5480) */
export const secp384r1Oid = '2b81040022';

const noUnusedBits = Uint8Array.of(0);

/** Encodes PrivateKeyInfo in DER: 185 secret bytes, which the caller wipes. */
export function encodePkcs8({ scalar, point }: KeyPair): Uint8Array {
  const publicKey = element(tag.context1, element(tag.bitString, noUnusedBits, point));
  const ecPrivateKey = sequence(number(1), octetString(scalar), publicKey);
  const algorithm = sequence(objectIdentifier(ecPublicKeyOid), objectIdentifier(secp384r1Oid));
  return sequence(number(0), algorithm, octetString(ecPrivateKey));
}

/**
 * Decodes a PrivateKeyInfo. The caller checks that the two halves belong together.
 *
 * @throws DerError if the bytes are not a PrivateKeyInfo
 * @throws SignatureError `unsupported-key` for another type of key, another curve, or a key without its uncompressed public
 *   key
 */
export function decodePkcs8(der: Uint8Array): KeyPair {
  const outer = new DerReader(der);
  const info = outer.inside(tag.sequence);
  outer.end();
  const version = info.number();
  const algorithm = info.inside(tag.sequence);
  const privateKey = info.content(tag.octetString);
  if (info.next === tag.context0) info.content(tag.context0); // attributes, which do not describe the key
  if (version === 0) info.end();
  if (version !== 0 || algorithm.objectIdentifier() !== ecPublicKeyOid) throw unsupportedKey();
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
  if (key.next === null) throw unsupportedKey();
  const publicKey = key.inside(tag.context1);
  key.end();
  const [unusedBits, ...point] = publicKey.content(tag.bitString);
  publicKey.end();
  if (unusedBits !== 0) throw new DerError('a point with unused bits');
  if (point.length !== pointBytes || point[0] !== uncompressed) throw unsupportedKey();
  return { scalar: Uint8Array.from(scalar), point: Uint8Array.from(point) };
}

function requireP384(parameters: DerReader): void {
  if (parameters.next !== tag.objectIdentifier || parameters.objectIdentifier() !== secp384r1Oid)
    throw unsupportedKey();
  parameters.end();
}
