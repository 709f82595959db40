/** Reads and writes private keys as PEM (PKCS#8), with or without a password. openssl and Python's cryptography read them. */
import { createPrivateKey, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { requireText } from '../arguments.ts';
import { DerReader } from '../der/der-reader.ts';
import { derTag } from '../der/der-writer.ts';
import { decodePem, encodePem } from '../der/pem.ts';
import { CaError } from '../errors.ts';
import { decryptKey, encryptKey } from './encrypted-key.ts';
import { requireKeyObject, requireStrongKey } from './key-policy.ts';
import { signatureBy } from './signature.ts';

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
  return encodePem('ENCRYPTED PRIVATE KEY', encryptKey(pkcs8, password));
}

/** Returns the key, after a check that its public half belongs to its private one: `node:crypto` takes either as it is. */
function withMatchingHalves(key: KeyObject): KeyObject {
  const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const probe = Buffer.from('mini-ca key check');
  if (verify(digest, probe, createPublicKey(key), signatureBy(key, digest, probe))) return key;
  throw new CaError('key-mismatch', 'the private and the public half of this key do not belong together: use a copy');
}

/** Decodes a PrivateKeyInfo, and wipes it, whatever it is. */
function decode(pkcs8: Uint8Array): KeyObject {
  try {
    const outer = new DerReader(pkcs8, 'private key');
    outer.take(derTag.sequence);
    if (!outer.done) throw new CaError('trailing-bytes', 'bytes follow the private key: use a copy');
    // A view: a copy of the bytes would not be wiped.
    const key = Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.length);
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  } catch (error) {
    if (error instanceof CaError) throw error;
    throw new CaError('malformed', 'not a PKCS#8 private key, or a damaged one: use a copy');
  } finally {
    pkcs8.fill(0);
  }
}

/**
 * Decodes a private key from PEM (PKCS#8), encrypted or not.
 *
 * @throws CaError `wrong-password`, also for an encrypted key without a password
 * @throws CaError `bad-argument` for a password and a key that is not encrypted
 * @throws CaError `malformed`, `not-canonical`, `trailing-bytes`, `too-large`, `weak-key`; `unsupported-algorithm` also for another
 *   encryption; `key-mismatch` when the halves of the key do not belong together
 */
export function privateKeyFromPem(pem: string, password?: string): KeyObject {
  requireText('pem', pem);
  if (password !== undefined) requireText('password', password);
  const encrypted = /^[^\S\r\n]*-----BEGIN ENCRYPTED PRIVATE KEY/m.test(pem);
  if (encrypted && password === undefined) throw new CaError('wrong-password', 'this key needs a password');
  if (!encrypted && password !== undefined) throw new CaError('bad-argument', 'this key is not encrypted');
  const key =
    password === undefined ? decodePlain(pem) : decode(decryptKey(decodePem('ENCRYPTED PRIVATE KEY', pem), password));
  requireStrongKey(key);
  return withMatchingHalves(key);
}

function decodePlain(pem: string): KeyObject {
  if (/-----BEGIN (?:EC|RSA|DSA|OPENSSH) PRIVATE KEY-----/.test(pem)) {
    const remedy = 'convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc`';
    throw new CaError('unsupported-algorithm', `the key is in another form than PKCS#8: ${remedy}`);
  }
  return decode(decodePem('PRIVATE KEY', pem));
}
