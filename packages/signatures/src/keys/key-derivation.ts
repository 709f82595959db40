/**
 * From a password to a key: scrypt (RFC 7914, section 7) and PBKDF2 (RFC 8018, appendix A.2) as PBES2 names them, with
 * limits on the work that a file may ask for.
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
import * as oid from '../encoding/object-identifiers.ts';
import { SignatureError } from '../errors.ts';

export type KeyDerivation =
  | ({ readonly name: 'scrypt'; readonly salt: Uint8Array } & ScryptCost)
  | { readonly name: 'pbkdf2'; readonly salt: Uint8Array; readonly hash: Hash; readonly iterations: number };

/**
 * New keys. As costly to guess as N = 2^17, p = 1 (OWASP's table), in 16 MiB: openssl 3 refuses files that need 32 MiB
 * or more.
 */
export const defaultCost: ScryptCost = { N: 2 ** 14, r: 8, p: 5 };

/**
 * What a file may ask for: 128 MiB for scrypt (128·N·r bytes), six times the default's work, and about three seconds of
 * PBKDF2. Without limits a hostile file makes whoever opens it use any amount of memory and time.
 */
const limits = { scryptBlocks: 2 ** 20, scryptWork: 2 ** 22, r: 64, p: 64, iterations: 10_000_000 };

/** Rounds of PBKDF2 that OWASP's table puts beside the default cost of scrypt. SHA-384 costs what SHA-512 does. */
const leastIterations: Readonly<Record<Hash, number>> = {
  sha1: 1_300_000,
  sha256: 600_000,
  sha384: 210_000,
  sha512: 210_000,
};

/** RFC 8018, section 4.1 */
const leastSaltBytes = 8;

const prfs = new Map<string, Hash>([
  [oid.hmacWithSha1, 'sha1'],
  [oid.hmacWithSha256, 'sha256'],
  [oid.hmacWithSha384, 'sha384'],
  [oid.hmacWithSha512, 'sha512'],
]);

/** A key of so many bytes: secret, which the caller wipes. */
export function deriveKey(password: Uint8Array, derivation: KeyDerivation, keyBytes: number): Uint8Array {
  if (derivation.name === 'scrypt') return backend.scrypt(password, derivation.salt, derivation, keyBytes);
  return backend.pbkdf2(derivation.hash, password, derivation.salt, derivation.iterations, keyBytes);
}

/** Whether a guess costs less than with a new key: less work, or work that needs less memory. */
export function isBelowDefault(derivation: KeyDerivation): boolean {
  if (derivation.salt.length < leastSaltBytes) return true;
  if (derivation.name === 'pbkdf2') return derivation.iterations < leastIterations[derivation.hash];
  const { N, r, p } = derivation;
  return N * r < defaultCost.N * defaultCost.r || N * r * p < defaultCost.N * defaultCost.r * defaultCost.p;
}

/** AlgorithmIdentifier in DER. */
export function encodeKeyDerivation(derivation: KeyDerivation): Uint8Array {
  const salt = octetString(derivation.salt);
  if (derivation.name === 'scrypt') {
    const { N, r, p } = derivation;
    return sequence(objectIdentifier(oid.scrypt), sequence(salt, number(N), number(r), number(p)));
  }
  const [prf = ''] = [...prfs].find(([, hash]) => hash === derivation.hash) ?? [];
  const prfIdentifier = sequence(objectIdentifier(prf), element(tag.null));
  return sequence(objectIdentifier(oid.pbkdf2), sequence(salt, number(derivation.iterations), prfIdentifier));
}

/**
 * Reads the content of an AlgorithmIdentifier. Throws `DerError`, `unsupported-key` for another function,
 * `invalid-private-key` beyond the limits.
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

const decoders = new Map([
  [oid.scrypt, decodeScrypt],
  [oid.pbkdf2, decodePbkdf2],
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
  return { name: 'pbkdf2', salt, iterations, hash: parameters.next === undefined ? 'sha1' : decodePrf(parameters) };
}

function decodePrf(parameters: DerReader): Hash {
  const identifier = parameters.inside(tag.sequence);
  const hash = prfs.get(identifier.objectIdentifier());
  if (hash === undefined) throw unsupported();
  if (identifier.content(tag.null).length > 0) throw new DerError('NULL with content');
  identifier.end();
  return hash;
}

/** The optional keyLength can only repeat what the cipher says. */
function skipKeyLength(parameters: DerReader, keyBytes: number): void {
  if (parameters.next === tag.integer && parameters.number() !== keyBytes) throw new DerError('wrong key length');
}

function tooCostly(): SignatureError {
  return new SignatureError(
    'invalid-private-key',
    'This key file asks for more work to open than is safe to do. If you trust it, encrypt it again with less: `openssl pkcs8 -topk8 -iter 600000`.',
  );
}

function unsupported(): SignatureError {
  return new SignatureError(
    'unsupported-key',
    'The key is encrypted with a key derivation other than scrypt or PBKDF2. Convert it: `openssl pkcs8 -topk8 -v2 aes-256-cbc`.',
  );
}
