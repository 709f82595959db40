/**
 * Reads and writes private keys as PEM: PKCS#8, with a password PBES2 (RFC 8018 section 6.2) with scrypt (RFC 7914 section 7) and
 * AES-256-CBC, which openssl and Python's cryptography read. The export of `node:crypto` is not used, because it derives the
 * encryption key with 2048 rounds of PBKDF2: too few for the key of a CA.
 */
import { createCipheriv, createPrivateKey, type KeyObject, randomBytes, scryptSync } from 'node:crypto';
import { requireText } from '../arguments.ts';
import { requireCanonicalDer } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import { derTag, integer, octetString, sequence } from '../der/der-writer.ts';
import { decodeObjectIdentifier, encodeObjectIdentifier } from '../der/object-identifier.ts';
import { decodePem, encodePem } from '../der/pem.ts';
import { CaError } from '../errors.ts';
import { requireKeyObject, requireStrongKey } from './key-policy.ts';

const pbes2Oid = '1.2.840.113549.1.5.13';
const pbkdf2Oid = '1.2.840.113549.1.5.12';
const scryptOid = '1.3.6.1.4.1.11591.4.11';
const aes256CbcOid = '2.16.840.1.101.3.4.1.42';

/** 16 MiB of memory and about 200 ms. openssl refuses to read a key that needs more than 32 MiB. */
const scryptCost = { N: 2 ** 14, r: 8, p: 5 } as const;

function algorithm(oid: string, ...parameters: readonly Uint8Array[]): Uint8Array {
  return sequence(encodeObjectIdentifier(oid), ...parameters);
}

/** Returns an EncryptedPrivateKeyInfo (RFC 5958 section 3). */
function encrypt(pkcs8: Uint8Array, password: string, salt: Uint8Array, iv: Uint8Array): Uint8Array {
  const { N, r, p } = scryptCost;
  const cipher = createCipheriv('aes-256-cbc', scryptSync(password, salt, 32, scryptCost), iv);
  const cost = [N, r, p].map((number) => integer(BigInt(number)));
  const kdf = algorithm(scryptOid, sequence(octetString(salt), ...cost));
  const scheme = algorithm(pbes2Oid, sequence(kdf, algorithm(aes256CbcOid, octetString(iv))));
  return sequence(scheme, octetString(Buffer.concat([cipher.update(pkcs8), cipher.final()])));
}

/**
 * Encodes a private key as PEM (PKCS#8).
 *
 * @param password encrypts the key, which takes about 200 ms (scrypt). Default: the key is not encrypted
 * @throws CaError `bad-argument` for an empty password, `weak-key`, `unsupported-algorithm`
 */
export function privateKeyToPem(key: KeyObject, password?: string): string {
  requireKeyObject('key', key);
  if (key.type !== 'private') throw new CaError('bad-argument', 'not a private key');
  requireStrongKey(key);
  if (password !== undefined) requireText('password', password);
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  if (password === undefined) return encodePem('PRIVATE KEY', pkcs8);
  if (password === '') throw new CaError('bad-argument', 'an empty password protects nothing: leave it out');
  return encodePem('ENCRYPTED PRIVATE KEY', encrypt(pkcs8, password, randomBytes(16), randomBytes(16)));
}

/** OpenSSL derives no key with scrypt that needs this much memory or more. */
const maxScryptBytes = 32 * 1024 * 1024;

function numberOf(content: Uint8Array): number {
  return content.reduce((value, byte) => value * 256 + byte, 0);
}

/**
 * Requires an encryption that OpenSSL reads, because its error does not tell another one from a wrong password.
 *
 * @throws CaError `malformed`, `not-canonical`, `trailing-bytes`, `unsupported-algorithm`
 */
function requireReadableScheme(der: Uint8Array): void {
  requireCanonicalDer(der);
  const info = DerReader.inside(der, derTag.sequence, 'encrypted private key');
  const scheme = info.fields(derTag.sequence);
  info.take(derTag.octetString);
  info.end();
  const oid = decodeObjectIdentifier(scheme.take(derTag.objectIdentifier).content);
  if (oid !== pbes2Oid) {
    if (/^1\.2\.840\.113549\.1\.(?:5|12\.1)\.\d+$/.test(oid)) return;
    throw unsupportedScheme(`the scheme ${oid}`);
  }
  const kdf = scheme.fields(derTag.sequence).fields(derTag.sequence);
  const kdfOid = decodeObjectIdentifier(kdf.take(derTag.objectIdentifier).content);
  if (kdfOid === pbkdf2Oid) return;
  if (kdfOid !== scryptOid) throw unsupportedScheme(`the key derivation ${kdfOid}`);
  const parameters = kdf.fields(derTag.sequence);
  parameters.take(derTag.octetString);
  const [N, r] = [parameters.take(derTag.integer).content, parameters.take(derTag.integer).content].map(numberOf);
  const bytes = 128 * (N ?? 0) * (r ?? 0);
  if (bytes >= maxScryptBytes) throw unsupportedScheme(`scrypt with ${Math.ceil(bytes / 2 ** 20)} MiB of memory`);
}

function unsupportedScheme(what: string): CaError {
  const remedy = 'encrypt it again with `openssl pkcs8 -topk8 -v2 aes-256-cbc`';
  return new CaError('unsupported-algorithm', `the key is encrypted with ${what}: ${remedy}`);
}

function decrypt(pem: string, password: string): KeyObject {
  const key = Buffer.from(decodePem('ENCRYPTED PRIVATE KEY', pem));
  requireReadableScheme(key);
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8', passphrase: password });
  } catch {
    // No cause: the reason depends on the secret.
    throw new CaError('wrong-password', 'the password does not open this key');
  }
}

/**
 * Decodes a private key from PEM (PKCS#8), encrypted or not.
 *
 * @throws CaError `wrong-password`, also for an encrypted key without a password
 * @throws CaError `bad-argument` for a password and a key that is not encrypted
 * @throws CaError `malformed`, `too-large`, `weak-key`, `unsupported-algorithm`
 */
export function privateKeyFromPem(pem: string, password?: string): KeyObject {
  requireText('pem', pem);
  if (password !== undefined) requireText('password', password);
  const encrypted = /^[^\S\r\n]*-----BEGIN ENCRYPTED PRIVATE KEY/m.test(pem);
  if (encrypted && password === undefined) throw new CaError('wrong-password', 'this key needs a password');
  if (!encrypted && password !== undefined) throw new CaError('bad-argument', 'this key is not encrypted');
  const key = password === undefined ? plain(pem) : decrypt(pem, password);
  requireStrongKey(key);
  return key;
}

function plain(pem: string): KeyObject {
  if (/-----BEGIN (?:EC|RSA|DSA|OPENSSH) PRIVATE KEY-----/.test(pem)) {
    const remedy = 'convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc`';
    throw new CaError('unsupported-algorithm', `the key is in another form than PKCS#8: ${remedy}`);
  }
  const key = Buffer.from(decodePem('PRIVATE KEY', pem));
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  } catch {
    throw new CaError('malformed', 'not a PKCS#8 private key: openssl pkcs8 -topk8 makes one of other forms');
  }
}
