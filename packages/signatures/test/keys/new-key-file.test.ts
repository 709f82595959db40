/** New key files: their cost, and the functions that write them. */
import { rejectedCode, thrownCode } from '@chat/testkit';
import { describe, expect, test, vi } from 'vitest';
import { number } from '../../src/encoding/der.ts';
import { decodePem, encodePem } from '../../src/encoding/pem.ts';
import { encodePkcs8 } from '../../src/encoding/pkcs8.ts';
import { aes256CbcOid } from '../../src/keys/encrypted-key.ts';
import { cheapScryptEngines } from '../support/cheap-scrypt-engine.ts';
import { curves, newPair } from '../support/curves.ts';
import { native } from '../support/engine.ts';
import { cheap, iv } from '../support/inputs.ts';

const password = 'päss wörd';
const label = 'ENCRYPTED PRIVATE KEY';

test('a new key file has the documented cost, a fresh salt and a fresh IV', () => {
  const files = [0, 1].map(() => native.createSerializedKeys(password).privatePem);
  const [one, other] = files.map((pem) => Buffer.from(decodePem(label, pem) ?? []).toString('hex'));
  const after = (file: string | undefined, head: string) => {
    const start = (file?.indexOf(head) ?? -1) + head.length;
    return file?.slice(start, start + 32);
  };
  const [salt, otherSalt] = [one, other].map((file) => after(file, '0410'));
  const [chosenIv, otherIv] = [one, other].map((file) => after(file, `${aes256CbcOid}0410`));
  expect(one).toContain(Buffer.concat([number(2 ** 14), number(8), number(5)]).toString('hex'));
  expect([salt, chosenIv]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/)]);
  expect(otherSalt).not.toBe(salt);
  expect(otherIv).not.toBe(chosenIv);
});

describe.each(cheapScryptEngines)('new files, %s', (_name, engine) => {
  test('without options a new key is of P-384', async () => {
    expect(engine.generateSigner().curve).toBe('P-384');
    expect(engine.importVerifier(engine.createSerializedKeys(password).publicPem).curve).toBe('P-384');
    expect((await engine.createKeyFile(password)).signer.curve).toBe('P-384');
  });

  describe.each(curves)('$name', (curve) => {
    const { name, options, parameters } = curve;
    const pair = newPair(curve);
    const cheapPem = native.lockKeyPairWith(pair, password, { derivation: cheap, iv });

    test('createSerializedKeys makes a key of the curve', () => {
      const { privatePem, publicPem } = engine.createSerializedKeys(password, options);
      const signer = engine.unlockSigner(privatePem, password, options);
      expect([signer.curve, engine.exportPublicKey(signer, 'pem')]).toEqual([name, publicPem]);
    });

    test('changePassword keeps the key and requires the old password', () => {
      const changed = engine.changePassword(cheapPem, password, 'new', options);
      expect(engine.unlockKeyPair(changed, 'new', parameters)).toEqual(pair);
      expect(thrownCode(() => engine.unlockSigner(changed, password, options))).toBe('wrong-password');
      expect(thrownCode(() => engine.changePassword(cheapPem, 'new', 'newer', options))).toBe('wrong-password');
    });

    test('createKeyFile derives once, and returns what opening its file returns', async () => {
      const [derive, deriveNow] = [vi.spyOn(engine.backend, 'scryptAsync'), vi.spyOn(engine.backend, 'scrypt')];
      const { privatePem, publicPem, signer, secret } = await engine.createKeyFile(password, options);
      expect([derive.mock.calls.length, deriveNow.mock.calls.length]).toEqual([1, 0]);
      expect(derive.mock.calls).toMatchObject([[new Uint8Array(11), { N: 2 ** 14, r: 8, p: 5, length: 64 }]]);
      vi.restoreAllMocks();
      const opened = await engine.unlockKeyFile(privatePem, password, options);
      expect([opened.signer.fingerprint, opened.secret]).toEqual([signer.fingerprint, secret]);
      expect([secret.length, engine.exportPublicKey(opened.signer, 'pem')]).toEqual([32, publicPem]);
      const domain = { protocol: 'example/1', purpose: 'greeting', context: '' };
      const signature = signer.sign(domain, new Uint8Array([1]));
      expect(engine.importVerifier(publicPem, options).verify(domain, new Uint8Array([1]), signature)).toBe(true);
      expect(await rejectedCode(engine.createKeyFile('', options))).toBe('empty-password');
    });

    test('only encryptPrivateKey reads a plain key', () => {
      const plain = encodePem('PRIVATE KEY', encodePkcs8(pair));
      const encrypted = engine.encryptPrivateKey(plain, password, options);
      expect(engine.unlockKeyPair(encrypted, password, parameters)).toEqual(pair);
      expect(thrownCode(() => engine.unlockSigner(plain, password, options))).toBe('invalid-private-key');
      expect(thrownCode(() => engine.unlockSigner(plain, '', options))).toBe('invalid-private-key');
      expect(thrownCode(() => engine.encryptPrivateKey(cheapPem, password, options))).toBe('invalid-private-key');
      const cut = encodePem('PRIVATE KEY', encodePkcs8(pair).subarray(0, -1));
      expect(thrownCode(() => engine.encryptPrivateKey(cut, password, options))).toBe('invalid-private-key');
    });
  });
});
