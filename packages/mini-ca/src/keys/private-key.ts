/**
 * Private keys as PEM: PKCS#8, and under a password pbes2Oid (RFC 8018 section 6.2) with scrypt (RFC 7914 section 7) and
 * AES-256-CBC, which openssl and Python's cryptography read. node:crypto's own export derives the key with 2048 rounds
 * of PBKDF2: too few for a key that signs for everybody.
 */
import { createCipheriv, createPrivateKey, type KeyObject, randomBytes, scryptSync } from 'node:crypto';
import { derTag, derValue, integer, sequence } from '../der/der-writer.ts';
import { encodeObjectIdentifier } from '../der/object-identifier.ts';
import { decodePem, encodePem } from '../der/pem.ts';
import { CaError } from '../errors.ts';
import { requireStrongKey } from './key-policy.ts';

const pbes2Oid = '1.2.840.113549.1.5.13';
const scryptOid = '1.3.6.1.4.1.11591.4.11';
const aes256CbcOid = '2.16.840.1.101.3.4.1.42';

/** 16 MiB and a fifth of a second; more memory than 32 MiB openssl refuses to use when it reads the key. */
const scryptCost = { N: 2 ** 14, r: 8, p: 5 } as const;

function algorithm(oid: string, ...parameters: readonly Uint8Array[]): Uint8Array {
  return sequence(encodeObjectIdentifier(oid), ...parameters);
}

function octetString(bytes: Uint8Array): Uint8Array {
  return derValue(derTag.octetString, bytes);
}

/** EncryptedPrivateKeyInfo (RFC 5958 section 3). */
function encrypt(pkcs8: Uint8Array, password: string, salt: Uint8Array, iv: Uint8Array): Uint8Array {
  const { N, r, p } = scryptCost;
  const cipher = createCipheriv('aes-256-cbc', scryptSync(password, salt, 32, scryptCost), iv);
  const cost = [N, r, p].map((number) => integer(BigInt(number)));
  const kdf = algorithm(scryptOid, sequence(octetString(salt), ...cost));
  const scheme = algorithm(pbes2Oid, sequence(kdf, algorithm(aes256CbcOid, octetString(iv))));
  return sequence(scheme, octetString(Buffer.concat([cipher.update(pkcs8), cipher.final()])));
}

/**
 * A private key as PEM, PKCS#8.
 *
 * @param password encrypts it (scrypt, about a fifth of a second); without one the key is in the clear
 * @throws CaError `bad-argument` for an empty password, `weak-key`, `unsupported-algorithm`
 */
export function privateKeyToPem(key: KeyObject, password?: string): string {
  requireStrongKey(key);
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  if (password === undefined) return encodePem('PRIVATE KEY', pkcs8);
  if (password === '') throw new CaError('bad-argument', 'an empty password protects nothing: leave it out');
  return encodePem('ENCRYPTED PRIVATE KEY', encrypt(pkcs8, password, randomBytes(16), randomBytes(16)));
}

function decrypt(pem: string, password: string): KeyObject {
  decodePem('ENCRYPTED PRIVATE KEY', pem);
  try {
    return createPrivateKey({ key: pem, format: 'pem', passphrase: password });
  } catch {
    // The reason depends on the secret.
    throw new CaError('wrong-password', 'the password does not open this key');
  }
}

/**
 * A private key from PEM, PKCS#8, encrypted or not.
 *
 * @throws CaError `wrong-password`, also when one is needed and none given
 * @throws CaError `bad-argument` when a password is given for a key that has none
 * @throws CaError `malformed`, `too-large`, `weak-key`, `unsupported-algorithm`
 */
export function privateKeyFromPem(pem: string, password?: string): KeyObject {
  const encrypted = pem.trimStart().startsWith('-----BEGIN ENCRYPTED');
  if (encrypted && password === undefined) throw new CaError('wrong-password', 'this key needs a password');
  if (!encrypted && password !== undefined) throw new CaError('bad-argument', 'this key is not encrypted');
  const key = password === undefined ? plain(pem) : decrypt(pem, password);
  requireStrongKey(key);
  return key;
}

function plain(pem: string): KeyObject {
  const key = Buffer.from(decodePem('PRIVATE KEY', pem));
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  } catch {
    throw new CaError('malformed', 'not a PKCS#8 private key: openssl pkcs8 -topk8 makes one of other forms');
  }
}
