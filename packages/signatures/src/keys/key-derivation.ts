/**
 * Derives keys from passwords with scrypt (RFC 7914, section 7) and PBKDF2 (RFC 8018, appendix A.2), as PBES2 names them,
 * and limits the work that a file may demand.
 */
import { backend } from '#backend';
import type { Hash, ScryptCost } from '../backend/backend.ts';
import {
  DerError,
  type DerReader,
  element,
  number,
  objectIdentifier,
  octetString,
  sequence,
  tag,
} from '../encoding/der.ts';
import { SignatureError } from '../errors.ts';

// Object identifiers are the content of their DER encoding in hexadecimal. They are constants and not properties of an
// object, so that bundlers can drop the tables below when nothing uses them.

/** 1.3.6.1.4.1.11591.4.11 (RFC 7914) */
export const scryptOid = '2b06010401da47040b';
/** 1.2.840.113549.1.5.12 (RFC 8018) */
export const pbkdf2Oid = '2a864886f70d01050c';
/** 1.2.840.113549.2.7 (RFC 8018) */
const hmacWithSha1Oid = '2a864886f70d0207';
/** 1.2.840.113549.2.9 (RFC 8018) */
export const hmacWithSha256Oid = '2a864886f70d0209';
/** 1.2.840.113549.2.10 (RFC 8018) */
const hmacWithSha384Oid = '2a864886f70d020a';
/** 1.2.840.113549.2.11 (RFC 8018) */
const hmacWithSha512Oid = '2a864886f70d020b';

/** A key derivation with all its parameters but the password. */
export type KeyDerivation =
  | ({ readonly name: 'scrypt'; readonly salt: Uint8Array } & ScryptCost)
  | { readonly name: 'pbkdf2'; readonly salt: Uint8Array; readonly hash: Hash; readonly iterations: number };

/**
 * The cost of new key files. A guess costs as much as with N = 2^17, p = 1 (OWASP's table), but needs 16 MiB, because
 * openssl 3 refuses files that need 32 MiB or more.
 */
export const defaultCost: ScryptCost = { N: 2 ** 14, r: 8, p: 5 };

/**
 * The most that a file may demand: 128 MiB (128·N·r bytes) and six times the default's work for scrypt, and 10 million
 * rounds of PBKDF2. Without limits, a hostile file could exhaust memory and time of the program that opens it.
 */
const limits = { scryptBlocks: 2 ** 20, scryptWork: 2 ** 22, r: 64, p: 64, iterations: 10_000_000 };

/** The rounds of PBKDF2 that OWASP's table equates with the default cost of scrypt. SHA-384 costs as much as SHA-512. */
const minIterations: Readonly<Record<Hash, number>> = {
  sha1: 1_300_000,
  sha256: 600_000,
  sha384: 210_000,
  sha512: 210_000,
};

/** RFC 8018, section 4.1. */
const minSaltBytes = 8;

const prfs = new Map<string, Hash>([
  [hmacWithSha1Oid, 'sha1'],
  [hmacWithSha256Oid, 'sha256'],
  [hmacWithSha384Oid, 'sha384'],
  [hmacWithSha512Oid, 'sha512'],
]);

/** Derives a key of `keyBytes` bytes, which the caller wipes. */
export function deriveKey(password: Uint8Array, derivation: KeyDerivation, keyBytes: number): Uint8Array {
  if (derivation.name === 'scrypt') return backend.scrypt(password, { ...derivation, length: keyBytes });
  return backend.pbkdf2(password, { ...derivation, length: keyBytes });
}

/** Derives like `deriveKey`, off the main thread where the platform can. */
export function deriveKeyAsync(password: Uint8Array, derivation: KeyDerivation, bytes: number): Promise<Uint8Array> {
  if (derivation.name === 'scrypt') return backend.scryptAsync(password, { ...derivation, length: bytes });
  return backend.pbkdf2Async(password, { ...derivation, length: bytes });
}

/** Bytes in a block of each hash. The last step of scrypt is PBKDF2 with SHA-256. */
const blockBytesOf: Readonly<Record<Hash, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/** Returns the size of the whole blocks of output that contain the first `bytes` bytes. */
export function blocksFor(derivation: KeyDerivation, bytes: number): number {
  const block = blockBytesOf[derivation.name === 'scrypt' ? 'sha256' : derivation.hash];
  return Math.ceil(bytes / block) * block;
}

/** Returns whether a guess costs less than with a new key file: less work, or work that needs less memory. */
export function isBelowDefault(derivation: KeyDerivation): boolean {
  if (derivation.salt.length < minSaltBytes) return true;
  if (derivation.name === 'pbkdf2') return derivation.iterations < minIterations[derivation.hash];
  const { N, r, p } = derivation;
  return N * r < defaultCost.N * defaultCost.r || N * r * p < defaultCost.N * defaultCost.r * defaultCost.p;
}

/** Encodes an AlgorithmIdentifier in DER. */
export function encodeKeyDerivation(derivation: KeyDerivation): Uint8Array {
  const salt = octetString(derivation.salt);
  if (derivation.name === 'scrypt') {
    const { N, r, p } = derivation;
    return sequence(objectIdentifier(scryptOid), sequence(salt, number(N), number(r), number(p)));
  }
  const [prf = ''] = [...prfs].find(([, hash]) => hash === derivation.hash) ?? [];
  const prfIdentifier = sequence(objectIdentifier(prf), element(tag.null));
  return sequence(objectIdentifier(pbkdf2Oid), sequence(salt, number(derivation.iterations), prfIdentifier));
}

/**
 * Reads the content of an AlgorithmIdentifier.
 *
 * @throws DerError
 * @throws SignatureError `unsupported-key` for another function, `invalid-private-key` beyond the limits
 */
export function decodeKeyDerivation(identifier: DerReader, keyBytes: number): KeyDerivation {
  const decode = decoders.get(identifier.objectIdentifier());
  if (decode === undefined) throw unsupported();
  const parameters = identifier.inside(tag.sequence);
  identifier.end();
  const derivation = decode(parameters, keyBytes);
  parameters.end();
  return derivation;
}

const decoders = new Map<string, (parameters: DerReader, keyBytes: number) => KeyDerivation>([
  [scryptOid, decodeScrypt],
  [pbkdf2Oid, decodePbkdf2],
]);

function decodeScrypt(parameters: DerReader, keyBytes: number): KeyDerivation {
  const salt = parameters.content(tag.octetString);
  const N = parameters.number();
  const r = parameters.number();
  const p = parameters.number();
  skipKeyLength(parameters, keyBytes);
  if (!Number.isInteger(Math.log2(N)) || N < 2 || r < 1 || p < 1) throw new DerError('not scrypt parameters');
  if (r > limits.r || p > limits.p || N * r > limits.scryptBlocks || N * r * p > limits.scryptWork) throw tooCostly();
  return { name: 'scrypt', salt, N, r, p };
}

function decodePbkdf2(parameters: DerReader, keyBytes: number): KeyDerivation {
  const salt = parameters.content(tag.octetString);
  const iterations = parameters.number();
  skipKeyLength(parameters, keyBytes);
  if (iterations < 1) throw new DerError('no iterations');
  if (iterations > limits.iterations) throw tooCostly();
  return { name: 'pbkdf2', salt, iterations, hash: parameters.next === null ? 'sha1' : decodePrf(parameters) };
}

function decodePrf(parameters: DerReader): Hash {
  const identifier = parameters.inside(tag.sequence);
  const hash = prfs.get(identifier.objectIdentifier());
  if (hash === undefined) throw unsupported();
  if (identifier.content(tag.null).length > 0) throw new DerError('NULL with content');
  identifier.end();
  return hash;
}

/** Reads the optional keyLength, which must equal the size of the cipher's key. */
function skipKeyLength(parameters: DerReader, keyBytes: number): void {
  if (parameters.next === tag.integer && parameters.number() !== keyBytes) throw new DerError('wrong key length');
}

function tooCostly(): SignatureError {
  return new SignatureError(
    'invalid-private-key',
    'this key file demands more work than is safe: if you trust it, encrypt it again with less (`openssl pkcs8 -topk8 -iter 600000`)',
  );
}

function unsupported(): SignatureError {
  return new SignatureError(
    'unsupported-key',
    'the key derivation is not scrypt or PBKDF2: convert the key with `openssl pkcs8 -topk8 -v2 aes-256-cbc`',
  );
}
