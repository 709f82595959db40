/** The secret that the password of a key file gives besides the key. */
import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import type { KeyDerivation } from '../../src/keys/key-derivation.ts';
import { newPair, p384 } from '../support/curves.ts';
import { engines, pairings } from '../support/engine.ts';
import { cheap, iv } from '../support/inputs.ts';

const password = 'päss wörd';
const pair = newPair(p384);

describe.each(pairings)('%s', (_name, maker, checker) => {
  test.each<[string, KeyDerivation, number]>([
    ['PBKDF2 with SHA-256', cheap, 32],
    ['PBKDF2 with SHA-1', { name: 'pbkdf2', hash: 'sha1', iterations: 1, salt: cheap.salt }, 40],
    ['PBKDF2 with SHA-384', { name: 'pbkdf2', hash: 'sha384', iterations: 2, salt: cheap.salt }, 48],
    ['PBKDF2 with SHA-512', { name: 'pbkdf2', hash: 'sha512', iterations: 3, salt: cheap.salt }, 64],
    ['scrypt', { name: 'scrypt', N: 64, r: 8, p: 2, salt: cheap.salt }, 32],
  ])(
    'the secret of a file with %s is the output of the derivation after the blocks of the key',
    async (_, derivation, start) => {
      const pem = maker.lockKeyPairWith(pair, password, { derivation, iv });
      const { pair: opened, secret } = await checker.unlockWithSecret(pem, password, p384.parameters);
      expect(opened).toEqual(pair);
      const whole =
        derivation.name === 'scrypt'
          ? scryptSync(password, derivation.salt, start + 32, { N: 64, r: 8, p: 2 })
          : pbkdf2Sync(password, derivation.salt, derivation.iterations, start + 32, derivation.hash);
      expect(Buffer.from(secret)).toEqual(whole.subarray(start));
      expect(await rejectedCode(checker.unlockKeyFile(pem, 'pass word'))).toBe('wrong-password');
    },
  );
});

describe.each(engines)('%s', (_name, engine) => {
  const cheapPem = engine.lockKeyPairWith(pair, password, { derivation: cheap, iv });

  test('opens a key file with a secret that changes with the password, and signs', async () => {
    const { signer, secret } = await engine.unlockKeyFile(cheapPem, password);
    expect(signer.fingerprint).toBe(engine.unlockSigner(cheapPem, password).fingerprint);
    expect(secret).toHaveLength(32);
    expect((await engine.unlockKeyFile(cheapPem, password)).secret).toEqual(secret);
    const changed = engine.lockKeyPairWith(pair, 'new', { derivation: cheap, iv });
    expect((await engine.unlockKeyFile(changed, 'new')).secret).not.toEqual(secret);
  });
});
