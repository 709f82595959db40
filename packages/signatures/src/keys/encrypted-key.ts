/**
 * A private key under a password: EncryptedPrivateKeyInfo (RFC 5958, section 3) with PBES2 (RFC 8018, section 6.2) and
 * AES-CBC, as PEM.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { backend } from '#backend';
import type { CurveParameters, KeyPair } from '../encoding/curve.ts';
import { DerError, DerReader, objectIdentifier, octetString, sequence, tag } from '../encoding/der.ts';
import { decodePem, encodePem, isOtherKeyForm } from '../encoding/pem.ts';
import { decodePkcs8, encodePkcs8 } from '../encoding/pkcs8.ts';
import { damagedKey, otherKeyForm, SignatureError } from '../errors.ts';
import { textInput } from '../input.ts';
import {
  blocksFor,
  decodeKeyDerivation,
  defaultCost,
  deriveKey,
  deriveKeyAsync,
  encodeKeyDerivation,
  type KeyDerivation,
} from './key-derivation.ts';

// Object identifiers are the content of their DER encoding in hexadecimal. They are constants and not properties of an
// object, so that bundlers can drop the tables below when nothing uses them.

/** 1.2.840.113549.1.5.13 (RFC 8018) */
export const pbes2Oid = '2a864886f70d01050d';
/** 2.16.840.1.101.3.4.1.2 (NIST) */
export const aes128CbcOid = '608648016503040102';
/** 2.16.840.1.101.3.4.1.22 (NIST) */
export const aes192CbcOid = '608648016503040116';
/** 2.16.840.1.101.3.4.1.42 (NIST) */
export const aes256CbcOid = '60864801650304012a';

const blockBytes = 16;
const saltBytes = 16;
/** Size of the key of AES-256, with which new files are encrypted. */
const lockKeyBytes = 32;

/** The size of each cipher's key in bytes. */
const cipherKeyBytes = new Map<string, number>([
  [aes128CbcOid, 16],
  [aes192CbcOid, 24],
  [aes256CbcOid, 32],
]);

interface Encrypted {
  readonly derivation: KeyDerivation;
  readonly keyBytes: number;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** The values that `lockKeyPair` chooses. */
export interface LockOptions {
  readonly derivation: KeyDerivation;
  /** 16 bytes. */
  readonly iv: Uint8Array;
}

/**
 * Encrypts a key pair with AES-256-CBC and scrypt at the default cost.
 *
 * @returns the PEM
 * @throws SignatureError `empty-password`, `invalid-argument`
 */
export function lockKeyPair(pair: KeyPair, password: string): string {
  return lockKeyPairWith(pair, password, newLock());
}

const newLock = (): LockOptions => ({
  derivation: { name: 'scrypt', salt: backend.randomBytes(saltBytes), ...defaultCost },
  iv: backend.randomBytes(blockBytes),
});

/**
 * Encrypts a key pair without drawing random bytes: the same arguments give the same PEM.
 *
 * @internal for the tests
 * @throws SignatureError `empty-password`, `invalid-argument`
 */
export function lockKeyPairWith(pair: KeyPair, password: string, lock: LockOptions): string {
  const bytes = newPasswordBytes(password);
  const key = deriveKey(bytes, lock.derivation, lockKeyBytes);
  bytes.fill(0);
  return encryptWith(key, pair, lock);
}

/** A key pair as a file, and the secret that the password gives besides the file's key. */
export interface LockedKeys {
  /** The PEM. */
  readonly pem: string;
  /** As `unlockWithSecret` returns it. */
  readonly secret: Uint8Array;
}

/**
 * Encrypts like `lockKeyPair`, off the main thread where the platform can, and returns the file's secret from the same run of the key
 * derivation.
 *
 * @throws SignatureError like `lockKeyPair`
 */
export async function lockWithSecret(pair: KeyPair, password: string): Promise<LockedKeys> {
  const lock = newLock();
  const bytes = newPasswordBytes(password);
  const { key, secret } = await deriveWithSecret(bytes, lock.derivation, lockKeyBytes);
  return { pem: encryptWith(key, pair, lock), secret };
}

/** Encrypts with the derived key, and wipes it. */
function encryptWith(key: Uint8Array, pair: KeyPair, { derivation, iv }: LockOptions): string {
  const pkcs8 = encodePkcs8(pair);
  const cipher = sequence(objectIdentifier(aes256CbcOid), octetString(iv));
  const parameters = sequence(encodeKeyDerivation(derivation), cipher);
  const algorithm = sequence(objectIdentifier(pbes2Oid), parameters);
  const der = sequence(algorithm, octetString(backend.encryptCbc(key, iv, pkcs8)));
  for (const bytes of [key, pkcs8]) bytes.fill(0);
  return encodePem('ENCRYPTED PRIVATE KEY', der);
}

/**
 * Decrypts a key pair of a curve and checks that its halves belong together.
 *
 * @throws SignatureError `wrong-password`, `unsupported-key`, `invalid-argument`, and `invalid-private-key` if the PEM or what
 *   it protects is damaged, not encrypted, or above the limits of key-derivation.ts
 */
export function unlockKeyPair(pem: string, password: string, curve: CurveParameters): KeyPair {
  const encrypted = decodeEncrypted(pem);
  const secret = passwordBytes(password);
  const key = deriveKey(secret, encrypted.derivation, encrypted.keyBytes);
  secret.fill(0);
  return openWith(key, encrypted, curve);
}

/** A key pair and the secret that the password gives besides the file's key. */
export interface UnlockedKeys {
  readonly pair: KeyPair;
  /** `fileSecretBytes` bytes. */
  readonly secret: Uint8Array;
}

/** Size of the secret that a key file's password gives besides its key. */
const fileSecretBytes = 32;

/**
 * Decrypts like `unlockKeyPair`, off the main thread where the platform can, and returns the file's secret.
 *
 * @throws SignatureError like `unlockKeyPair`
 */
export async function unlockWithSecret(pem: string, password: string, curve: CurveParameters): Promise<UnlockedKeys> {
  const encrypted = decodeEncrypted(pem);
  const bytes = passwordBytes(password);
  const { key, secret } = await deriveWithSecret(bytes, encrypted.derivation, encrypted.keyBytes);
  try {
    return { pair: openWith(key, encrypted, curve), secret };
  } catch (error) {
    secret.fill(0);
    throw error;
  }
}

/**
 * Derives a file's key and its secret in one run, and wipes the password: scrypt and PBKDF2 compute their output in blocks, each of which
 * is pseudo-random to those who know the others. The first blocks are the same as without the secret, so every key file has one.
 */
async function deriveWithSecret(
  password: Uint8Array,
  derivation: KeyDerivation,
  keyBytes: number,
): Promise<{ readonly key: Uint8Array; readonly secret: Uint8Array }> {
  const start = blocksFor(derivation, keyBytes);
  const output = await deriveKeyAsync(password, derivation, start + fileSecretBytes).finally(() => password.fill(0));
  const [key, secret] = [output.slice(0, keyBytes), output.slice(start)];
  output.fill(0);
  return { key, secret };
}

/** Decrypts with the derived key, and wipes it. */
function openWith(key: Uint8Array, { iv, ciphertext }: Encrypted, curve: CurveParameters): KeyPair {
  const pkcs8 = backend.decryptCbc(key, iv, ciphertext);
  const start = pkcs8 ?? firstBlock(key, iv, ciphertext);
  const isOpen = beginsPrivateKeyInfo(start);
  key.fill(0);
  try {
    if (pkcs8 === null) throw new DerError('the padding');
    return requireMatch(decodePkcs8(pkcs8, curve));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    // A wrong password leaves noise, and one in 256 valid padding after it.
    throw isOpen ? damagedKey('the password opens it, and what it protects is damaged') : wrongPassword();
  } finally {
    start.fill(0);
  }
}

/** Decrypts the first block alone, by means of a second block that decrypts to padding. */
function firstBlock(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const block = ciphertext.subarray(0, blockBytes);
  const padding = backend.encryptCbc(key, block, new Uint8Array());
  return backend.decryptCbc(key, iv, concatBytes(block, padding)) ?? new Uint8Array();
}

/**
 * Returns whether decrypted bytes begin like a PrivateKeyInfo: a SEQUENCE with a version of one byte and another SEQUENCE. A wrong
 * password gives bytes that do so once in 2^40 times.
 */
function beginsPrivateKeyInfo(bytes: Uint8Array): boolean {
  const length = bytes[1] ?? 0;
  const at = 2 + (length > 0x80 ? length - 0x80 : 0);
  const isVersion = bytes[at] === tag.integer && bytes[at + 1] === 1 && (bytes[at + 2] ?? 0xff) <= 1;
  return bytes[0] === tag.sequence && at <= 4 && isVersion && bytes[at + 3] === tag.sequence;
}

/**
 * Returns the pair if its halves belong together. The encryption of a key file does not authenticate it; the public half
 * shows that the private one is unaltered.
 *
 * @throws SignatureError `invalid-private-key`
 */
export function requireMatch(pair: KeyPair): KeyPair {
  const point = backend.publicPoint(pair.scalar, pair.curve);
  if (!point.every((byte, at) => pair.point[at] === byte)) throw damagedKey('its public and private halves differ');
  return pair;
}

/**
 * Reads from a file how its key is derived, without deriving it.
 *
 * @throws SignatureError `invalid-private-key`, `unsupported-key`
 */
export function keyDerivationOf(pem: string): KeyDerivation {
  return decodeEncrypted(pem).derivation;
}

function decodeEncrypted(pem: string): Encrypted {
  const der = decodePem('ENCRYPTED PRIVATE KEY', pem);
  if (der === null && isOtherKeyForm(pem)) throw otherKeyForm();
  if (der === null) throw damagedKey('not a PEM file with one encrypted key (ENCRYPTED PRIVATE KEY)');
  try {
    const outer = new DerReader(der);
    const info = outer.inside(tag.sequence);
    outer.end();
    const algorithm = info.inside(tag.sequence);
    const ciphertext = info.content(tag.octetString);
    info.end();
    if (ciphertext.length === 0 || ciphertext.length % blockBytes !== 0) throw new DerError('ciphertext is cut off');
    return { ...decodePbes2(algorithm), ciphertext };
  } catch (error) {
    throw error instanceof DerError ? damagedKey(error.message) : error;
  }
}

function decodePbes2(algorithm: DerReader): Omit<Encrypted, 'ciphertext'> {
  if (algorithm.objectIdentifier() !== pbes2Oid) throw unsupportedCipher();
  const parameters = algorithm.inside(tag.sequence);
  algorithm.end();
  const kdf = parameters.inside(tag.sequence);
  const cipher = parameters.inside(tag.sequence);
  parameters.end();
  const keyBytes = cipherKeyBytes.get(cipher.objectIdentifier());
  if (keyBytes === undefined) throw unsupportedCipher();
  const iv = cipher.content(tag.octetString);
  cipher.end();
  if (iv.length !== blockBytes) throw new DerError('wrong IV length');
  return { derivation: decodeKeyDerivation(kdf, keyBytes), keyBytes, iv };
}

function passwordBytes(password: string): Uint8Array {
  return textInput(password, 'password');
}

function newPasswordBytes(password: string): Uint8Array {
  const bytes = passwordBytes(password);
  if (bytes.length > 0) return bytes;
  throw new SignatureError('empty-password', 'a private key is stored only under a password, and this one is empty');
}

function wrongPassword(): SignatureError {
  return new SignatureError('wrong-password', 'the password does not open this private key: ask for it again');
}

function unsupportedCipher(): SignatureError {
  return new SignatureError(
    'unsupported-key',
    'the key is not encrypted with PBES2 and AES-CBC: convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc`',
  );
}
