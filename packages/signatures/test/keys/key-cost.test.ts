/** Key files that cost less to guess at than a new one, and their upgrade. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import type { Hash } from '../../src/backend/backend.ts';
import { objectIdentifier, octetString, sequence } from '../../src/encoding/der.ts';
import { encodePem } from '../../src/encoding/pem.ts';
import { encodePkcs8 } from '../../src/encoding/pkcs8.ts';
import { aes256CbcOid, pbes2Oid } from '../../src/keys/encrypted-key.ts';
import { encodeKeyDerivation, isBelowDefault, type KeyDerivation } from '../../src/keys/key-derivation.ts';
import { cheapScrypt, cheapScryptEngines } from '../support/cheap-scrypt-engine.ts';
import { newPair, p256, p384 } from '../support/curves.ts';
import { cheap, iv } from '../support/inputs.ts';

const salt = new Uint8Array(16);
const pair = newPair(p384);
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
  ])('of %j is %s', (derivation, expected) => {
    expect(isBelowDefault(derivation)).toBe(expected);
  });
});

describe.each(cheapScryptEngines)('%s', (_name, engine) => {
  const old = engine.lockKeyPairWith(pair, 'p', { derivation: pbkdf2('sha256', 2048), iv });

  test('a file with 2,048 rounds is upgraded once, and keeps key and password', () => {
    expect(engine.needsRehash(old)).toBe(true);
    const upgraded = engine.upgradeKey(old, 'p');
    expect(engine.needsRehash(upgraded)).toBe(false);
    expect(engine.upgradeKey(upgraded, 'p')).toBe(upgraded);
    expect(engine.unlockKeyPair(upgraded, 'p', p384.parameters)).toEqual(pair);
  });

  test('a key of P-256 is upgraded where the caller expects one', () => {
    const short = newPair(p256);
    const pem = engine.lockKeyPairWith(short, 'p', { derivation: pbkdf2('sha256', 2048), iv });
    expect(engine.needsRehash(pem)).toBe(true);
    const upgraded = engine.upgradeKey(pem, 'p', p256.options);
    expect(engine.needsRehash(upgraded)).toBe(false);
    expect(engine.unlockKeyPair(upgraded, 'p', p256.parameters)).toEqual(short);
  });

  test('a wrong password upgrades nothing', () => {
    expect(thrownCode(() => engine.upgradeKey(old, 'q'))).toBe('wrong-password');
  });

  test('upgradeKey refuses an empty password', () => {
    const key = engine.backend.pbkdf2(new Uint8Array(), {
      hash: 'sha256',
      salt: cheap.salt,
      iterations: 1,
      length: 32,
    });
    const cipher = sequence(objectIdentifier(aes256CbcOid), octetString(iv));
    const algorithm = sequence(objectIdentifier(pbes2Oid), sequence(encodeKeyDerivation(cheap), cipher));
    const ciphertext = octetString(engine.backend.encryptCbc(key, iv, encodePkcs8(pair)));
    const emptyPasswordPem = encodePem('ENCRYPTED PRIVATE KEY', sequence(algorithm, ciphertext));
    expect(engine.unlockKeyPair(emptyPasswordPem, '', p384.parameters)).toEqual(pair);
    expect(thrownCode(() => engine.upgradeKey(emptyPasswordPem, ''))).toBe('empty-password');
  });

  test('texts that are not an encrypted key are refused', () => {
    expect(thrownCode(() => engine.needsRehash(''))).toBe('invalid-private-key');
    expect(thrownCode(() => engine.needsRehash(null as unknown as string))).toBe('invalid-private-key');
    expect(thrownCode(() => engine.upgradeKey('', 'p'))).toBe('invalid-private-key');
  });
});

test('upgradeKey refuses a wrong password even if the file needs no upgrade', () => {
  const costly = cheapScrypt.lockKeyPairWith(pair, 'p', { derivation: scrypt(2 ** 14, 8, 5), iv });
  expect(thrownCode(() => cheapScrypt.upgradeKey(costly, 'q'))).toBe('wrong-password');
});
