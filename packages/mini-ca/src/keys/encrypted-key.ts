/**
 * Encrypts and decrypts PKCS#8 keys under a password (RFC 5958 section 3). `node:crypto` could do both, but its export derives the
 * encryption key with 2048 rounds of PBKDF2, which is too few for the key of a CA, and its import reports every fault of a file as a
 * wrong password.
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { requireCanonicalDer } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import { derTag, integer, octetString, sequence } from '../der/der-writer.ts';
import { decodeObjectIdentifier, encodeObjectIdentifier } from '../der/object-identifier.ts';
import { CaError } from '../errors.ts';
import { deriveKey, readKeyDerivation, scryptOid, unsupportedScheme } from './key-derivation.ts';

/** PBES2 (RFC 8018 section 6.2). */
const pbes2Oid = '1.2.840.113549.1.5.13';
const aes256CbcOid = '2.16.840.1.101.3.4.1.42';

interface CipherForm {
  readonly name: string;
  readonly keyBytes: number;
  readonly blockBytes: number;
}

const ciphers: ReadonlyMap<string, CipherForm> = new Map([
  ['2.16.840.1.101.3.4.1.2', { name: 'aes-128-cbc', keyBytes: 16, blockBytes: 16 }],
  ['2.16.840.1.101.3.4.1.22', { name: 'aes-192-cbc', keyBytes: 24, blockBytes: 16 }],
  [aes256CbcOid, { name: 'aes-256-cbc', keyBytes: 32, blockBytes: 16 }],
  ['1.2.840.113549.3.7', { name: 'des-ede3-cbc', keyBytes: 24, blockBytes: 8 }],
]);

/** 16 MiB of memory and about 200 ms. openssl refuses to read a key that needs more than 32 MiB. */
const scryptCost = { N: 2 ** 14, r: 8, p: 5 } as const;

function algorithm(oid: string, ...parameters: readonly Uint8Array[]): Uint8Array {
  return sequence(encodeObjectIdentifier(oid), ...parameters);
}

/** Encrypts a PrivateKeyInfo with AES-256 and scrypt. Returns an EncryptedPrivateKeyInfo. */
export function encryptKey(pkcs8: Uint8Array, password: string): Uint8Array {
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const { N, r, p } = scryptCost;
  const cipher = createCipheriv('aes-256-cbc', scryptSync(password, salt, 32, scryptCost), iv);
  const cost = [N, r, p].map((number) => integer(BigInt(number)));
  const kdf = algorithm(scryptOid, sequence(octetString(salt), ...cost));
  const scheme = algorithm(pbes2Oid, sequence(kdf, algorithm(aes256CbcOid, octetString(iv))));
  return sequence(scheme, octetString(Buffer.concat([cipher.update(pkcs8), cipher.final()])));
}

/**
 * Decrypts an EncryptedPrivateKeyInfo. Whether the password is right shows in the first bytes, so that a fault after them is not
 * called a wrong password.
 *
 * @returns the PrivateKeyInfo, which the caller wipes
 * @throws CaError `wrong-password`; `unsupported-algorithm` for another encryption; `malformed`, `not-canonical`, `trailing-bytes`
 */
export function decryptKey(der: Uint8Array, password: string): Uint8Array {
  requireCanonicalDer(der);
  const info = DerReader.inside(der, derTag.sequence, 'encrypted private key');
  const scheme = info.fields(derTag.sequence);
  const { content: ciphertext } = info.take(derTag.octetString);
  info.end();
  const oid = decodeObjectIdentifier(scheme.take(derTag.objectIdentifier).content);
  if (oid !== pbes2Oid) throw unsupportedScheme(`the scheme ${oid}`);
  const parameters = scheme.fields(derTag.sequence);
  const kdf = parameters.fields(derTag.sequence);
  const cipher = parameters.fields(derTag.sequence);
  const cipherOid = decodeObjectIdentifier(cipher.take(derTag.objectIdentifier).content);
  const form = ciphers.get(cipherOid);
  if (form === undefined) throw unsupportedScheme(`the cipher ${cipherOid}`);
  const { content: iv } = cipher.take(derTag.octetString);
  if (iv.length !== form.blockBytes || ciphertext.length === 0 || ciphertext.length % form.blockBytes !== 0) {
    throw new CaError('malformed', 'the encrypted key is cut off, or its initialisation vector has the wrong length');
  }
  const key = deriveKey(Buffer.from(password), readKeyDerivation(kdf, form.keyBytes), form.keyBytes);
  const decipher = createDecipheriv(form.name, key, iv).setAutoPadding(false);
  // Whole blocks without a padding to remove: `final` has nothing more, and no copy is left to be wiped.
  const padded = decipher.update(ciphertext);
  decipher.final();
  key.fill(0);
  if (beginsPrivateKeyInfo(padded)) return unpadded(padded, form);
  padded.fill(0);
  // No cause: the reason depends on the secret.
  throw new CaError('wrong-password', 'the password does not open this key');
}

/**
 * True for bytes that begin like a PrivateKeyInfo: a SEQUENCE with a version of one byte and another SEQUENCE. The noise that a wrong
 * password leaves does so once in 2^40 times.
 */
function beginsPrivateKeyInfo(bytes: Uint8Array): boolean {
  const length = bytes[1] ?? 0;
  const at = 2 + (length > 0x80 ? length - 0x80 : 0);
  const isVersion = bytes[at] === derTag.integer && bytes[at + 1] === 1 && (bytes[at + 2] ?? 0xff) <= 1;
  return bytes[0] === derTag.sequence && at <= 4 && isVersion && bytes[at + 3] === derTag.sequence;
}

/** Removes the padding of CBC (RFC 8018 section 6.1.1). */
function unpadded(padded: Uint8Array, { blockBytes }: CipherForm): Uint8Array {
  const count = padded.at(-1) ?? 0;
  const isPadding = count > 0 && count <= blockBytes && padded.subarray(-count).every((byte) => byte === count);
  if (isPadding) return padded.subarray(0, -count);
  padded.fill(0);
  throw new CaError('malformed', 'the password opens this key, but its end is damaged: use a copy');
}
