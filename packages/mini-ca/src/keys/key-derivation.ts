/** Derives keys from passwords with scrypt (RFC 7914 section 7) and PBKDF2 (RFC 8018 section 5.2), and bounds the work that a file may demand. */
import { pbkdf2Sync, scryptSync } from 'node:crypto';
import type { DerReader } from '../der/der-reader.ts';
import { derTag } from '../der/der-writer.ts';
import { decodeObjectIdentifier } from '../der/object-identifier.ts';
import { CaError } from '../errors.ts';

/** The object identifier of scrypt (RFC 7914 section 7.1). */
export const scryptOid = '1.3.6.1.4.1.11591.4.11';
const pbkdf2Oid = '1.2.840.113549.1.5.12';

/** The hash of each pseudorandom function of PBKDF2 (RFC 8018 appendix B.1). */
const hashes: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.2.7', 'sha1'],
  ['1.2.840.113549.2.8', 'sha224'],
  ['1.2.840.113549.2.9', 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
]);

/**
 * The most that a file may demand: 128 MiB of memory and some seconds, as in `@chat/signatures`. Without limits, a hostile file
 * could exhaust memory and time of the program that opens it.
 */
const limits = { scryptBlocks: 2 ** 20, scryptWork: 2 ** 22, iterations: 10_000_000 };

/** A key derivation with all its parameters but the password. */
export type KeyDerivation =
  | { readonly name: 'scrypt'; readonly salt: Uint8Array; readonly N: number; readonly r: number; readonly p: number }
  | { readonly name: 'pbkdf2'; readonly salt: Uint8Array; readonly hash: string; readonly iterations: number };

/** Returns the error for a key that is encrypted in a way that this library does not read. */
export function unsupportedScheme(what: string): CaError {
  const remedy = 'encrypt it again with `openssl pkcs8 -topk8 -v2 aes-256-cbc`';
  return new CaError('unsupported-algorithm', `the key is encrypted with ${what}: ${remedy}`);
}

/** Derives a key of `keyBytes` bytes, which the caller wipes. */
export function deriveKey(password: Uint8Array, derivation: KeyDerivation, keyBytes: number): Uint8Array {
  const { salt } = derivation;
  if (derivation.name === 'pbkdf2') return pbkdf2Sync(password, salt, derivation.iterations, keyBytes, derivation.hash);
  const { N, r, p } = derivation;
  // Node refuses what needs all of `maxmem`.
  return scryptSync(password, salt, keyBytes, { N, r, p, maxmem: 128 * r * (N + p + 4) });
}

function numberOf(fields: DerReader): number {
  return fields.take(derTag.integer).content.reduce((value, byte) => value * 256 + byte, 0);
}

/** The size of the key is a fact of the cipher. A file that names another one contradicts itself. */
function readKeyLength(fields: DerReader, keyBytes: number): void {
  if (fields.tag === derTag.integer && numberOf(fields) !== keyBytes) {
    throw new CaError('malformed', 'the encrypted key names another key length than that of its cipher');
  }
}

function readScrypt(fields: DerReader, keyBytes: number): KeyDerivation {
  const { content: salt } = fields.take(derTag.octetString);
  const [N, r, p] = [numberOf(fields), numberOf(fields), numberOf(fields)];
  readKeyLength(fields, keyBytes);
  fields.end();
  if (N < 2 || !Number.isInteger(Math.log2(N)) || r < 1 || p < 1) {
    throw new CaError('malformed', 'the encrypted key has parameters that scrypt does not allow');
  }
  if (N * r > limits.scryptBlocks || N * r * p > limits.scryptWork) {
    throw unsupportedScheme(`scrypt with ${Math.ceil((128 * N * r) / 2 ** 20)} MiB of memory, ${p} times`);
  }
  return { name: 'scrypt', salt, N, r, p };
}

function readPbkdf2(fields: DerReader, keyBytes: number): KeyDerivation {
  const { content: salt } = fields.take(derTag.octetString);
  const iterations = numberOf(fields);
  readKeyLength(fields, keyBytes);
  let oid = '1.2.840.113549.2.7';
  if (!fields.done) oid = decodeObjectIdentifier(fields.fields(derTag.sequence).take(derTag.objectIdentifier).content);
  fields.end();
  const hash = hashes.get(oid);
  if (hash === undefined) throw unsupportedScheme(`PBKDF2 and the function ${oid}`);
  if (iterations < 1) throw new CaError('malformed', 'the encrypted key has no rounds of PBKDF2');
  if (iterations > limits.iterations) throw unsupportedScheme(`${iterations} rounds of PBKDF2`);
  return { name: 'pbkdf2', salt, hash, iterations };
}

/**
 * Reads a key derivation.
 *
 * @param kdf the fields of its AlgorithmIdentifier
 * @throws CaError `malformed`; `unsupported-algorithm` also for one that demands too much work
 */
export function readKeyDerivation(kdf: DerReader, keyBytes: number): KeyDerivation {
  const oid = decodeObjectIdentifier(kdf.take(derTag.objectIdentifier).content);
  if (oid !== scryptOid && oid !== pbkdf2Oid) throw unsupportedScheme(`the key derivation ${oid}`);
  const fields = kdf.fields(derTag.sequence);
  kdf.end();
  return oid === scryptOid ? readScrypt(fields, keyBytes) : readPbkdf2(fields, keyBytes);
}
