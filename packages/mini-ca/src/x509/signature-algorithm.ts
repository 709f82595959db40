/**
 * The signature algorithms, one row each: RSA PKCS#1 v1.5 with NULL parameters or none (RFC 4055 section 5), DSA and ECDSA without
 * parameters (RFC 5758 section 3), Ed25519 without parameters or digest (RFC 8410 section 3).
 */
import { type KeyObject, verify } from 'node:crypto';
import { DerReader } from '../der/der-reader.ts';
import { derTag, derValue, sequence } from '../der/der-writer.ts';
import { decodeObjectIdentifier, encodeObjectIdentifier } from '../der/object-identifier.ts';
import { CaError } from '../errors.ts';
import { isCurve, type KeyType, keyKindOf, keyTypeOf } from '../keys/key-policy.ts';
import { signatureBy } from '../keys/signature.ts';

/** The digest of a signature. */
export type Digest = 'sha256' | 'sha384' | 'sha512';

interface SignatureAlgorithm {
  readonly oid: string;
  readonly keyType: KeyType;
  readonly digest: Digest | null;
  /** AlgorithmIdentifier, DER. */
  readonly identifier: Uint8Array;
}

const derNull = derValue(derTag.null);

/**
 * Returns the row of one algorithm.
 *
 * @param parameters the parameters in the AlgorithmIdentifier: NULL, or none
 */
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

/** The algorithms that are refused as weak: MD5, SHA-1 and SHA-224 with RSA, DSA and ECDSA. */
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

/** Returns the digest that is as strong as the curve of the key; SHA-256 for other keys. */
function digestFor(key: KeyObject): Digest {
  const kind = keyKindOf(key);
  return isCurve(kind) ? curveDigests[kind] : 'sha256';
}

/** A private key with its signature algorithm. */
export interface Signing {
  /** The AlgorithmIdentifier as DER, which certificates contain both inside and after the signed part. */
  readonly algorithm: Uint8Array;
  /** @throws CaError `malformed` when the key makes no signature */
  readonly sign: (data: Uint8Array) => Uint8Array;
}

/** Signed bytes and their signature. All are DER or the content of a DER value. */
export interface SignedStructure {
  /** The signed part. */
  readonly signed: Uint8Array;
  /** The AlgorithmIdentifier. */
  readonly algorithm: Uint8Array;
  /** The content of the BIT STRING. */
  readonly signature: Uint8Array;
}

/**
 * Returns the signature algorithm of a private key.
 *
 * @param digest ignored for Ed25519. Default: the digest that is as strong as the key's curve, SHA-256 for RSA and DSA
 * @throws CaError `unsupported-algorithm`
 */
export function signingWith(privateKey: KeyObject, digest: Digest = digestFor(privateKey)): Signing {
  const keyType = keyTypeOf(privateKey);
  const found = algorithms.find((each) => each.keyType === keyType && (each.digest ?? digest) === digest);
  if (found === undefined)
    throw new CaError('unsupported-algorithm', `${keyType} signatures with ${digest} are not supported`);
  return { algorithm: found.identifier, sign: (data) => signatureBy(privateKey, found.digest, data) };
}

/** The identifiers of the RSA algorithms without parameters, which verifiers must accept (RFC 4055 section 5). Never written. */
const withoutNull = algorithms
  .filter(({ keyType }) => keyType === 'rsa')
  .map((each) => ({ ...each, identifier: sequence(encodeObjectIdentifier(each.oid)) }));

const readable = [...algorithms, ...withoutNull];

/** Returns the row of an AlgorithmIdentifier. Returns undefined for one that is not supported or has other parameters. */
function rowOf(identifier: Uint8Array): SignatureAlgorithm | undefined {
  return readable.find((each) => Buffer.compare(each.identifier, identifier) === 0);
}

/** Returns the row of an AlgorithmIdentifier, whose parameters must be those of the row. */
function algorithmNamed(identifier: Uint8Array): SignatureAlgorithm {
  const found = rowOf(identifier);
  if (found !== undefined) return found;
  const fields = DerReader.inside(identifier, derTag.sequence, 'signature algorithm');
  const oid = decodeObjectIdentifier(fields.take(derTag.objectIdentifier).content);
  if (weak.has(oid)) throw new CaError('weak-digest', 'the signature uses MD5, SHA-1 or SHA-224: use SHA-256');
  if (algorithms.some((each) => each.oid === oid)) {
    throw new CaError('malformed', `wrong parameters for the signature algorithm ${oid}`);
  }
  throw new CaError('unsupported-algorithm', `the signature algorithm ${oid} is not supported`);
}

const signers = { rsa: 'RSA', dsa: 'DSA', ec: 'ECDSA', ed25519: 'Ed25519' } as const satisfies Record<KeyType, string>;

function oidText(content: Uint8Array): string {
  return content.length > 64 ? 'an object identifier of over 64 bytes' : decodeObjectIdentifier(content);
}

/** Returns the name of an algorithm for display, or its object identifier when it is not supported. */
export function algorithmText(identifier: Uint8Array): string {
  const found = rowOf(identifier);
  if (found !== undefined) {
    const { keyType, digest } = found;
    return digest === null ? signers[keyType] : `${signers[keyType]} with ${digest.replace('sha', 'SHA-')}`;
  }
  const first = DerReader.inside(identifier, derTag.sequence, 'signature algorithm').takeIf(derTag.objectIdentifier);
  return first === null ? 'unreadable' : `${oidText(first.content)}, which is not supported`;
}

/**
 * Returns true when the signature was made by the private key of `publicKey` over `signed`. The algorithm must be one of the table
 * and of the type of the key.
 *
 * @throws CaError `malformed`, `weak-digest`, `unsupported-algorithm`
 */
export function isSignedBy({ signed, algorithm, signature }: SignedStructure, publicKey: KeyObject): boolean {
  const { keyType, digest } = algorithmNamed(algorithm);
  if (keyTypeOf(publicKey) !== keyType) return false;
  return verify(digest, signed, publicKey, signature);
}
