/**
 * The signature algorithms, one row each: RSA PKCS#1 v1.5 with NULL parameters (RFC 4055 section 5), DSA and ECDSA
 * with none (RFC 5758 section 3), Ed25519 with none and no digest (RFC 8410 section 3).
 */
import { type KeyObject, sign, verify } from 'node:crypto';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { CaError, quoted } from './errors.ts';
import { curveOf, type KeyType, keyTypeOf } from './key-policy.ts';

export type Digest = 'sha256' | 'sha384' | 'sha512';

interface SignatureAlgorithm {
  readonly oid: string;
  readonly keyType: KeyType;
  readonly digest: Digest | null;
  /** What the AlgorithmIdentifier carries: NULL, or nothing. */
  readonly parameters: null | undefined;
}

const algorithms: readonly SignatureAlgorithm[] = [
  { oid: '1.2.840.113549.1.1.11', keyType: 'rsa', digest: 'sha256', parameters: null },
  { oid: '1.2.840.113549.1.1.12', keyType: 'rsa', digest: 'sha384', parameters: null },
  { oid: '1.2.840.113549.1.1.13', keyType: 'rsa', digest: 'sha512', parameters: null },
  { oid: '2.16.840.1.101.3.4.3.2', keyType: 'dsa', digest: 'sha256', parameters: undefined },
  { oid: '1.2.840.10045.4.3.2', keyType: 'ec', digest: 'sha256', parameters: undefined },
  { oid: '1.2.840.10045.4.3.3', keyType: 'ec', digest: 'sha384', parameters: undefined },
  { oid: '1.2.840.10045.4.3.4', keyType: 'ec', digest: 'sha512', parameters: undefined },
  { oid: '1.3.101.112', keyType: 'ed25519', digest: null, parameters: undefined },
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
export function digestFor(key: KeyObject): Digest {
  return keyTypeOf(key) === 'ec' ? curveDigests[curveOf(key)] : 'sha256';
}

function algorithmFor(key: KeyObject, digest: Digest): SignatureAlgorithm {
  const keyType = keyTypeOf(key);
  const found = algorithms.find((row) => row.keyType === keyType && (row.digest ?? digest) === digest);
  if (found === undefined) throw new CaError('unsupported-algorithm', `no signature with ${keyType} and ${digest}`);
  return found;
}

function identifierOf({ oid, parameters }: SignatureAlgorithm): AlgorithmIdentifier {
  return new AlgorithmIdentifier({ algorithm: oid, ...(parameters === null && { parameters }) });
}

/** What `signBytes` will use, for the structures that name the algorithm inside of the signed part. */
export function signatureAlgorithmFor(key: KeyObject, digest: Digest): AlgorithmIdentifier {
  return identifierOf(algorithmFor(key, digest));
}

/** @param digest ignored by Ed25519, which has its own */
export function signBytes(data: Uint8Array, privateKey: KeyObject, digest: Digest): Uint8Array {
  return sign(algorithmFor(privateKey, digest).digest, data, privateKey);
}

/**
 * Is this the signature of `data`? The algorithm named must be one of the table and fit the key, parameters included.
 *
 * @throws CaError `weak-digest`, `unsupported-algorithm`
 */
export function verifyBytes(
  data: Uint8Array,
  named: AlgorithmIdentifier,
  signature: Uint8Array,
  publicKey: KeyObject,
): boolean {
  if (weak.has(named.algorithm))
    throw new CaError('weak-digest', 'signed over MD5, SHA-1 or SHA-224: sign over SHA-256');
  const algorithm = algorithms.find((row) => row.oid === named.algorithm);
  if (algorithm === undefined) {
    throw new CaError('unsupported-algorithm', `the signature algorithm ${quoted(named.algorithm)} is not used here`);
  }
  if (!named.isEqual(identifierOf(algorithm))) {
    throw new CaError('malformed', `wrong parameters for the signature algorithm ${quoted(named.algorithm)}`);
  }
  if (keyTypeOf(publicKey) !== algorithm.keyType) return false;
  return verify(algorithm.digest, data, publicKey, signature);
}
