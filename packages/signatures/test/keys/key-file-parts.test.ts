/** Parts of an encrypted key file that nothing else checks: the version of the key, and that nothing follows a part. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { element, number, objectIdentifier, octetString, sequence, tag } from '../../src/encoding/der.ts';
import { encodePem } from '../../src/encoding/pem.ts';
import { ecPublicKeyOid } from '../../src/encoding/pkcs8.ts';
import { aes256CbcOid, pbes2Oid } from '../../src/keys/encrypted-key.ts';
import { pbkdf2Oid } from '../../src/keys/key-derivation.ts';
import { curves, newPair } from '../support/curves.ts';
import { engines, native } from '../support/engine.ts';
import { bytes, cheap, iv } from '../support/inputs.ts';

const label = 'ENCRYPTED PRIVATE KEY';
const password = 'a password';
const pbkdf2 = sequence(octetString(cheap.salt), number(1));
const kdf = sequence(objectIdentifier(pbkdf2Oid), pbkdf2);
const cipher = sequence(objectIdentifier(aes256CbcOid), octetString(iv));
const withPbes2 = (...content: Uint8Array[]) => sequence(objectIdentifier(pbes2Oid), ...content);

/** Encrypts the encoding of a key under the password, with one round of PBKDF2 and HMAC-SHA-1. */
function lockBytes(plain: Uint8Array): string {
  const options = { hash: 'sha1', salt: cheap.salt, iterations: 1, length: 32 } as const;
  const ciphertext = native.backend.encryptCbc(native.backend.pbkdf2(bytes(password), options), iv, plain);
  return encodePem(label, sequence(withPbes2(sequence(kdf, cipher)), octetString(ciphertext)));
}

describe.each(engines)('%s', (_, engine) => {
  test.each(curves.flatMap((curve) => [0, 2].map((version) => [curve.name, version, curve] as const)))(
    'says that an ECPrivateKey for %s of version %i, which is not 1 (RFC 5915), is damaged',
    (_name, version, curve) => {
      const { parameters, options } = curve;
      const pair = newPair(curve);
      const publicKey = element(tag.context1, element(tag.bitString, Uint8Array.of(0), pair.point));
      const ecPrivateKey = (of: number) => octetString(sequence(number(of), octetString(pair.scalar), publicKey));
      const algorithm = sequence(objectIdentifier(ecPublicKeyOid), objectIdentifier(parameters.oid));
      const pem = (of: number) => lockBytes(sequence(number(0), algorithm, ecPrivateKey(of)));
      expect(engine.unlockKeyPair(pem(1), password, parameters)).toEqual(pair);
      expect(thrownCode(() => engine.unlockSigner(pem(version), password, options))).toBe('invalid-private-key');
    },
  );
});

const more = element(tag.null);
const data = octetString(new Uint8Array(192));
const readable = sequence(withPbes2(sequence(kdf, cipher)), data);
const longCipher = sequence(objectIdentifier(aes256CbcOid), octetString(iv), more);
const longKdf = sequence(objectIdentifier(pbkdf2Oid), pbkdf2, more);

test.each([
  ['the parameters of the encryption', sequence(withPbes2(sequence(kdf, cipher), more), data)],
  ['the cipher', sequence(withPbes2(sequence(kdf, cipher, more)), data)],
  ['the initialization vector', sequence(withPbes2(sequence(kdf, longCipher)), data)],
  ['the parameters of the key derivation', sequence(withPbes2(sequence(longKdf, cipher)), data)],
  ['the ciphertext', sequence(withPbes2(sequence(kdf, cipher)), data, more)],
  ['the whole', Uint8Array.of(...readable, 0)],
])('refuses bytes after %s as damage', (_name, der) => {
  // Without them only the password is wrong.
  expect(thrownCode(() => native.unlockSigner(encodePem(label, readable), 'guess'))).toBe('wrong-password');
  expect(thrownCode(() => native.unlockSigner(encodePem(label, der), 'guess'))).toBe('invalid-private-key');
});
