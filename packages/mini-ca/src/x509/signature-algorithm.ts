/**
 * The signature algorithms, one row each: RSA PKCS#1 v1.5 with derNull parameters (RFC 4055 section 5), DSA and ECDSA
 * with none (RFC 5758 section 3), Ed25519 with none and no digest (RFC 8410 section 3).
 */
import { type KeyObject, sign, verify } from 'node:crypto';
import { DerReader } from '../der/der-reader.ts';
import { derTag, derValue, sequence } from '../der/der-writer.ts';
import { decodeObjectIdentifier, encodeObjectIdentifier } from '../der/object-identifier.ts';
import { CaError } from '../errors.ts';
import { isCurve, type KeyType, keyKindOf, keyTypeOf } from '../keys/key-policy.ts';

export type Digest = 'sha256' | 'sha384' | 'sha512';

interface SignatureAlgorithm {
  readonly oid: string;
  readonly keyType: KeyType;
  readonly digest: Digest | null;
  /** AlgorithmIdentifier, DER. */
  readonly identifier: Uint8Array;
}

const derNull = derValue(derTag.null);

/** @param parameters what the AlgorithmIdentifier carries besides: derNull, or nothing */
function row(oid: string, keyType: KeyType, digest: Digest | null, ...parameters: readonly Uint8Array[]) {
  return { oid, keyType, digest, identifier: sequence(encodeObjectIdentifier(oid), ...parameters) };
}

const algorithms: readonly SignatureAlgorithm[] = [
  row('1.2.840.113549.1.1.11', 'rsa', 'sha256', derNull),
  row('1.2.840.113549.1.1.12', 'rsa', 'sha384', derNull),
  row('1.2.840.113549.1.1.13', 'rsa', 'sha512', derNull),
  row('2.16.840.1.101.3.4.3.2', 'dsa', 'sha256'),
  row('1.2.840.10045.4.3.2', 'ec', 'sha256'),
  row('1.2.840.10045.4.3.3', 'ec', 'sha384'),
  row('1.2.840.10045.4.3.4', 'ec', 'sha512'),
  row('1.3.101.112', 'ed25519', null),
];

/** Known, and refused for what they are: MD5, SHA-1 and SHA-224 with RSA, DSA and ECDSA. */
const weak: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.4',
  '1.2.840.113549.1.1.5',
  '1.2.840.113549.1.1.14',
  '1.2.840.10040.4.3',
  '2.16.840.1.101.3.4.3.1',
  '1.2.840.10045.4.1',
  '1.2.840.10045.4.3.1',
]);

const curveDigests = { 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512' } as const;

/** The digest that suits a key: as strong as its curve; SHA-256 for the rest. */
function digestFor(key: KeyObject): Digest {
  const kind = keyKindOf(key);
  return isCurve(kind) ? curveDigests[kind] : 'sha256';
}

/** A private key made ready to sign many things. */
export interface Signing {
  /** AlgorithmIdentifier, DER: what the structures name inside of the signed part and after it. */
  readonly algorithm: Uint8Array;
  readonly sign: (data: Uint8Array) => Uint8Array;
}

/**
 * @param digest the one that suits the key by default; ignored by Ed25519, which has its own
 * @throws CaError `unsupported-algorithm`
 */
export function signingWith(privateKey: KeyObject, digest: Digest = digestFor(privateKey)): Signing {
  const keyType = keyTypeOf(privateKey);
  const found = algorithms.find((each) => each.keyType === keyType && (each.digest ?? digest) === digest);
  if (found === undefined) throw new CaError('unsupported-algorithm', `no signature with ${keyType} and ${digest}`);
  return { algorithm: found.identifier, sign: (data) => sign(found.digest, data, privateKey) };
}

/** The row that an AlgorithmIdentifier names, parameters included. */
function algorithmNamed(identifier: Uint8Array): SignatureAlgorithm {
  const found = algorithms.find((each) => Buffer.compare(each.identifier, identifier) === 0);
  if (found !== undefined) return found;
  const fields = DerReader.inside(identifier, derTag.sequence, 'signature algorithm');
  const oid = decodeObjectIdentifier(fields.take(derTag.objectIdentifier).content);
  if (weak.has(oid)) throw new CaError('weak-digest', 'signed over MD5, SHA-1 or SHA-224: sign over SHA-256');
  if (algorithms.some((each) => each.oid === oid)) {
    throw new CaError('malformed', `wrong parameters for the signature algorithm ${oid}`);
  }
  throw new CaError('unsupported-algorithm', `the signature algorithm ${oid} is not used here`);
}

const signers = { rsa: 'RSA', dsa: 'DSA', ec: 'ECDSA', ed25519: 'Ed25519' } as const satisfies Record<KeyType, string>;

/** The algorithm that an AlgorithmIdentifier names, for people; its object identifier when it is not of the table. */
export function algorithmText(identifier: Uint8Array): string {
  const found = algorithms.find((each) => Buffer.compare(each.identifier, identifier) === 0);
  if (found !== undefined) {
    const { keyType, digest } = found;
    return digest === null ? signers[keyType] : `${signers[keyType]} with ${digest.replace('sha', 'SHA-')}`;
  }
  const fields = DerReader.inside(identifier, derTag.sequence, 'signature algorithm');
  return `${decodeObjectIdentifier(fields.take(derTag.objectIdentifier).content)}, which is not accepted here`;
}

/**
 * Is this the signature of `data`? The algorithm named must be one of the table and fit the key, parameters included.
 *
 * @param identifier the AlgorithmIdentifier, canonical DER
 * @throws CaError `malformed`, `weak-digest`, `unsupported-algorithm`
 */
export function verifyBytes(
  data: Uint8Array,
  identifier: Uint8Array,
  signature: Uint8Array,
  publicKey: KeyObject,
): boolean {
  const algorithm = algorithmNamed(identifier);
  if (keyTypeOf(publicKey) !== algorithm.keyType) return false;
  return verify(algorithm.digest, data, publicKey, signature);
}
