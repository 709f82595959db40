/** Key files as they are written today: what they cost, and the ways in which there comes to be one. */
import { describe, expect, test } from 'vitest';
import { number } from '../../src/encoding/der.ts';
import * as oid from '../../src/encoding/object-identifiers.ts';
import { decodePem, encodePem } from '../../src/encoding/pem.ts';
import { encodePkcs8 } from '../../src/encoding/pkcs8.ts';
import { native } from '../support/engine.ts';
import { hurriedEngines } from '../support/hurried-engine.ts';
import { cheap, codeOf, iv } from '../support/inputs.ts';

const password = 'päss wörd';
const pair = native.backend.generateKeyPair();
const cheapPem = native.lockKeyPairWith(pair, password, cheap, iv);
const label = 'ENCRYPTED PRIVATE KEY';

test('a new key file has the documented cost, a fresh salt and a fresh IV', () => {
  const files = [0, 1].map(() => native.createSerializedKeys(password).privatePem);
  const [one, other] = files.map((pem) => Buffer.from(decodePem(label, pem) ?? []).toString('hex'));
  const after = (file: string | undefined, head: string) => {
    const start = (file?.indexOf(head) ?? -1) + head.length;
    return file?.slice(start, start + 32);
  };
  const [salt, otherSalt] = [one, other].map((file) => after(file, '0410'));
  const [chosenIv, otherIv] = [one, other].map((file) => after(file, `${oid.aes256Cbc}0410`));
  expect(one).toContain(Buffer.concat([number(2 ** 14), number(8), number(5)]).toString('hex'));
  expect([salt, chosenIv]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/)]);
  expect(otherSalt).not.toBe(salt);
  expect(otherIv).not.toBe(chosenIv);
});

describe.each(hurriedEngines)('new files (%s)', (_name, engine) => {
  test('changePassword keeps the key and needs the old password', () => {
    const changed = engine.changePassword(cheapPem, password, 'new');
    expect(engine.unlockKeyPair(changed, 'new')).toEqual(pair);
    expect(codeOf(() => engine.unlockSigner(changed, password))).toBe('wrong-password');
    expect(codeOf(() => engine.changePassword(cheapPem, 'new', 'newer'))).toBe('wrong-password');
  });

  test('a plain key is read by encryptPrivateKey only', () => {
    const plain = encodePem('PRIVATE KEY', encodePkcs8(pair));
    expect(engine.unlockKeyPair(engine.encryptPrivateKey(plain, password), password)).toEqual(pair);
    expect(codeOf(() => engine.unlockSigner(plain, password))).toBe('invalid-private-key');
    expect(codeOf(() => engine.unlockSigner(plain, ''))).toBe('invalid-private-key');
    expect(codeOf(() => engine.encryptPrivateKey(cheapPem, password))).toBe('invalid-private-key');
    const cut = encodePem('PRIVATE KEY', encodePkcs8(pair).subarray(0, -1));
    expect(codeOf(() => engine.encryptPrivateKey(cut, password))).toBe('invalid-private-key');
  });
});
