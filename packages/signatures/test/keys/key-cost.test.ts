/** Which key files are cheaper to guess at than a new one, and what becomes of them. */
import { describe, expect, test } from 'vitest';
import type { Hash } from '../../src/backend/backend.ts';
import { objectIdentifier, octetString, sequence } from '../../src/encoding/der.ts';
import { aes256Cbc, pbes2 } from '../../src/encoding/object-identifiers.ts';
import { encodePem } from '../../src/encoding/pem.ts';
import { encodePkcs8 } from '../../src/encoding/pkcs8.ts';
import { encodeKeyDerivation, isBelowDefault, type KeyDerivation } from '../../src/keys/key-derivation.ts';
import { native } from '../support/engine.ts';
import { hurried, hurriedEngines } from '../support/hurried-engine.ts';
import { cheap, codeOf, iv } from '../support/inputs.ts';

const salt = new Uint8Array(16);
const pair = native.backend.generateKeyPair();
const scrypt = (N: number, r: number, p: number): KeyDerivation => ({ name: 'scrypt', salt, N, r, p });
const pbkdf2 = (hash: Hash, iterations: number): KeyDerivation => ({ name: 'pbkdf2', salt, hash, iterations });

describe('isBelowDefault', () => {
  test.each<[KeyDerivation, boolean]>([
    [scrypt(2 ** 14, 8, 5), false],
    [scrypt(2 ** 14, 8, 4), true],
    [scrypt(2 ** 14, 8, 1), true],
    [scrypt(2 ** 13, 8, 64), true],
    [scrypt(2 ** 13, 16, 5), false],
    [scrypt(2 ** 17, 8, 1), false],
    [pbkdf2('sha256', 2048), true],
    [pbkdf2('sha256', 599_999), true],
    [pbkdf2('sha256', 600_000), false],
    [pbkdf2('sha1', 600_000), true],
    [pbkdf2('sha1', 1_300_000), false],
    [pbkdf2('sha384', 209_999), true],
    [pbkdf2('sha384', 210_000), false],
    [pbkdf2('sha512', 210_000), false],
    [{ ...scrypt(2 ** 14, 8, 5), salt: salt.subarray(9) }, true],
    [{ ...pbkdf2('sha256', 600_000), salt: salt.subarray(8) }, false],
  ])('%j: %s', (derivation, expected) => {
    expect(isBelowDefault(derivation)).toBe(expected);
  });
});

describe.each(hurriedEngines)('%s', (_name, engine) => {
  const old = engine.lockKeyPairWith(pair, 'p', pbkdf2('sha256', 2048), iv);

  test('a file of 2048 rounds is upgraded once, and keeps key and password', () => {
    expect(engine.needsRehash(old)).toBe(true);
    const upgraded = engine.upgradeKey(old, 'p');
    expect(engine.needsRehash(upgraded)).toBe(false);
    expect(engine.upgradeKey(upgraded, 'p')).toBe(upgraded);
    expect(engine.unlockKeyPair(upgraded, 'p')).toEqual(pair);
  });

  test('a wrong password upgrades nothing', () => {
    expect(codeOf(() => engine.upgradeKey(old, 'q'))).toBe('wrong-password');
  });

  test('an empty password is not carried over', () => {
    const key = engine.backend.pbkdf2('sha256', new Uint8Array(), cheap.salt, 1, 32);
    const cipher = sequence(objectIdentifier(aes256Cbc), octetString(iv));
    const algorithm = sequence(objectIdentifier(pbes2), sequence(encodeKeyDerivation(cheap), cipher));
    const ciphertext = octetString(engine.backend.encryptCbc(key, iv, encodePkcs8(pair)));
    const open = encodePem('ENCRYPTED PRIVATE KEY', sequence(algorithm, ciphertext));
    expect(engine.unlockKeyPair(open, '')).toEqual(pair);
    expect(codeOf(() => engine.upgradeKey(open, ''))).toBe('empty-password');
  });

  test('what is not an encrypted key is refused', () => {
    expect(codeOf(() => engine.needsRehash(''))).toBe('invalid-private-key');
    expect(codeOf(() => engine.needsRehash(null as unknown as string))).toBe('invalid-private-key');
    expect(codeOf(() => engine.upgradeKey('', 'p'))).toBe('invalid-private-key');
  });
});

test('a wrong password does not pass where nothing needs upgrading', () => {
  const costly = hurried.lockKeyPairWith(pair, 'p', scrypt(2 ** 14, 8, 5), iv);
  expect(codeOf(() => hurried.upgradeKey(costly, 'q'))).toBe('wrong-password');
});
