/**
 * A private key under a password: EncryptedPrivateKeyInfo (RFC 5958, section 3) with PBES2 (RFC 8018, section 6.2) and
 * AES-CBC, as PEM.
 */
import { backend } from '#backend';
import { DerError, DerReader, objectIdentifier, octetString, sequence, tag } from '../encoding/der.ts';
import { aes128Cbc, aes192Cbc, aes256Cbc, pbes2 } from '../encoding/object-identifiers.ts';
import type { KeyPair } from '../encoding/p384.ts';
import { decodePem, encodePem } from '../encoding/pem.ts';
import { decodePkcs8, encodePkcs8 } from '../encoding/pkcs8.ts';
import { SignatureError } from '../errors.ts';
import { textInput } from '../input.ts';
import { damagedKey } from '../private-key-error.ts';
import {
  decodeKeyDerivation,
  defaultCost,
  deriveKey,
  encodeKeyDerivation,
  type KeyDerivation,
} from './key-derivation.ts';
import { requireMatch } from './key-pair.ts';

const blockBytes = 16;
const saltBytes = 16;

/** Bytes of key that each cipher takes. */
const ciphers = new Map([
  [aes128Cbc, 16],
  [aes192Cbc, 24],
  [aes256Cbc, 32],
]);

interface Encrypted {
  readonly derivation: KeyDerivation;
  readonly keyBytes: number;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Encrypts with AES-256-CBC under scrypt at the default cost. Throws `empty-password`, `invalid-argument`. */
export function lockKeyPair(pair: KeyPair, password: string): string {
  const derivation = { name: 'scrypt', salt: backend.randomBytes(saltBytes), ...defaultCost } as const;
  return lockKeyPairWith(pair, password, derivation, backend.randomBytes(blockBytes));
}

/**
 * The same with everything given: the same arguments make the same PEM.
 *
 * @internal for the tests
 */
export function lockKeyPairWith(pair: KeyPair, password: string, derivation: KeyDerivation, iv: Uint8Array): string {
  const secret = passwordBytes(password);
  if (secret.length === 0) {
    throw new SignatureError('empty-password', 'A private key is stored only under a password, and this one is empty.');
  }
  const key = deriveKey(secret, derivation, 32);
  const pkcs8 = encodePkcs8(pair);
  const cipher = sequence(objectIdentifier(aes256Cbc), octetString(iv));
  const algorithm = sequence(objectIdentifier(pbes2), sequence(encodeKeyDerivation(derivation), cipher));
  const der = sequence(algorithm, octetString(backend.encryptCbc(key, iv, pkcs8)));
  for (const bytes of [secret, key, pkcs8]) bytes.fill(0);
  return encodePem('ENCRYPTED PRIVATE KEY', der);
}

/**
 * Decrypts and checks that both halves belong together. Throws `wrong-password`, `invalid-private-key` (damaged, not
 * encrypted, or above the limits of key-derivation.ts), `unsupported-key`.
 */
export function unlockKeyPair(pem: string, password: string): KeyPair {
  const { derivation, keyBytes, iv, ciphertext } = decodeEncrypted(pem);
  const secret = passwordBytes(password);
  const key = deriveKey(secret, derivation, keyBytes);
  const pkcs8 = backend.decryptCbc(key, iv, ciphertext);
  secret.fill(0);
  key.fill(0);
  if (pkcs8 === undefined) throw wrongPassword();
  try {
    return requireMatch(decodePkcs8(pkcs8));
  } catch (error) {
    // One wrong password in 256 leaves valid padding; the bytes before it are then noise.
    throw error instanceof DerError ? wrongPassword() : error;
  } finally {
    pkcs8.fill(0);
  }
}

/** How the key of a file is derived, without deriving it. Throws `invalid-private-key`, `unsupported-key`. */
export function keyDerivationOf(pem: string): KeyDerivation {
  return decodeEncrypted(pem).derivation;
}

function decodeEncrypted(pem: string): Encrypted {
  const der = decodePem('ENCRYPTED PRIVATE KEY', pem);
  if (der === undefined) throw damagedKey('not a PEM file with one encrypted key (ENCRYPTED PRIVATE KEY)');
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
  if (algorithm.objectIdentifier() !== pbes2) throw unsupportedCipher();
  const parameters = algorithm.inside(tag.sequence);
  algorithm.end();
  const kdf = parameters.inside(tag.sequence);
  const cipher = parameters.inside(tag.sequence);
  parameters.end();
  const keyBytes = ciphers.get(cipher.objectIdentifier());
  if (keyBytes === undefined) throw unsupportedCipher();
  const iv = cipher.content(tag.octetString);
  cipher.end();
  if (iv.length !== blockBytes) throw new DerError('wrong IV length');
  return { derivation: decodeKeyDerivation(kdf, keyBytes), keyBytes, iv };
}

function passwordBytes(password: string): Uint8Array {
  return textInput(password, 'password');
}

function wrongPassword(): SignatureError {
  return new SignatureError('wrong-password', 'The password does not open this private key. Ask for it again.');
}

function unsupportedCipher(): SignatureError {
  return new SignatureError(
    'unsupported-key',
    'The key is encrypted with something other than PBES2 and AES-CBC. Convert it: `openssl pkcs8 -topk8 -v2 aes-256-cbc`.',
  );
}
