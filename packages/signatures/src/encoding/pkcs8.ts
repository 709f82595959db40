/** Private keys as PrivateKeyInfo (PKCS #8, RFC 5958) around ECPrivateKey (RFC 5915), with the curve and the public key. */
import { unsupportedKey } from '../errors.ts';
import { type CurveParameters, type KeyPair, uncompressed } from './curve.ts';
import { DerError, DerReader, element, number, objectIdentifier, octetString, sequence, tag } from './der.ts';
import { isScalar } from './scalar.ts';

/** 1.2.840.10045.2.1 (RFC 5480): the content of its DER encoding in hexadecimal. */
export const ecPublicKeyOid = '2a8648ce3d0201';

const noUnusedBits = Uint8Array.of(0);

/** Encodes PrivateKeyInfo in DER: 185 secret bytes for P-384, 138 for P-256, which the caller wipes. */
export function encodePkcs8({ curve, scalar, point }: KeyPair): Uint8Array {
  const publicKey = element(tag.context1, element(tag.bitString, noUnusedBits, point));
  const ecPrivateKey = sequence(number(1), octetString(scalar), publicKey);
  const algorithm = sequence(objectIdentifier(ecPublicKeyOid), objectIdentifier(curve.oid));
  return sequence(number(0), algorithm, octetString(ecPrivateKey));
}

/**
 * Decodes a PrivateKeyInfo. The caller checks that the two halves belong together.
 *
 * @throws DerError if the bytes are not a PrivateKeyInfo
 * @throws SignatureError `unsupported-key` for another type of key, another curve, or a key without its uncompressed public
 *   key
 */
export function decodePkcs8(der: Uint8Array, curve: CurveParameters): KeyPair {
  const outer = new DerReader(der);
  const info = outer.inside(tag.sequence);
  outer.end();
  const version = info.number();
  const algorithm = info.inside(tag.sequence);
  const privateKey = info.content(tag.octetString);
  if (info.next === tag.context0) info.content(tag.context0); // attributes, which do not describe the key
  if (version === 0) info.end();
  if (version !== 0 || algorithm.objectIdentifier() !== ecPublicKeyOid) throw unsupportedKey(curve.name);
  requireCurve(algorithm, curve);
  return decodeEcPrivateKey(privateKey, curve);
}

function decodeEcPrivateKey(der: Uint8Array, curve: CurveParameters): KeyPair {
  const outer = new DerReader(der);
  const key = outer.inside(tag.sequence);
  outer.end();
  if (key.number() !== 1) throw new DerError('not an ECPrivateKey');
  const scalar = key.content(tag.octetString);
  if (scalar.length !== curve.scalarBytes || !isScalar(scalar, curve)) throw new DerError(`not a ${curve.name} scalar`);
  if (key.next === tag.context0) requireCurve(key.inside(tag.context0), curve);
  if (key.next === null) throw unsupportedKey(curve.name);
  const publicKey = key.inside(tag.context1);
  key.end();
  const [unusedBits, ...point] = publicKey.content(tag.bitString);
  publicKey.end();
  if (unusedBits !== 0) throw new DerError('a point with unused bits');
  if (point.length !== curve.pointBytes || point[0] !== uncompressed) throw unsupportedKey(curve.name);
  return { curve, scalar: Uint8Array.from(scalar), point: Uint8Array.from(point) };
}

function requireCurve(parameters: DerReader, { name, oid }: CurveParameters): void {
  if (parameters.next !== tag.objectIdentifier || parameters.objectIdentifier() !== oid) throw unsupportedKey(name);
  parameters.end();
}
