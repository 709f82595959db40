/**
 * A key of another curve than the caller expects is refused in each of its forms, whatever the form says of the curve: by default a
 * key of P-256, and with the option one of P-384.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rejectedCode, temporaryFolder, thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { element, number, objectIdentifier, octetString, sequence, tag } from '../../src/encoding/der.ts';
import { encodePem } from '../../src/encoding/pem.ts';
import { ecPublicKeyOid, encodePkcs8 } from '../../src/encoding/pkcs8.ts';
import { encodeSpki } from '../../src/encoding/spki.ts';
import type { CurveOptions, PublicKeyInput } from '../../src/index.ts';
import { encodePrivateJwk, encodePublicJwk } from '../../src/keys/jwk.ts';
import { getPublicKey } from '../../src/node.ts';
import { curves, newPair, p256, p384, type TestCurve } from '../support/curves.ts';
import { type Engine, engines, native } from '../support/engine.ts';
import { bytes, cheap, iv } from '../support/inputs.ts';

const password = 'päss wörd';
const folder = temporaryFolder().path;

/** A key pair in all forms. */
function formsOf(curve: TestCurve) {
  const pair = newPair(curve);
  const [pkcs8, spki] = [encodePkcs8(pair), encodeSpki(pair)];
  return {
    pair,
    privatePem: native.lockKeyPairWith(pair, password, { derivation: cheap, iv }),
    plain: [pkcs8, encodePem('PRIVATE KEY', pkcs8), encodePrivateJwk(pair)],
    publicPem: encodePem('PUBLIC KEY', spki),
    public: [spki, encodePem('PUBLIC KEY', spki), encodePublicJwk(pair)],
  };
}

const forms = { 'P-384': formsOf(p384), 'P-256': formsOf(p256) };
const message = bytes('message');

/** What callers may pass where they expect a key of this curve. */
const expecting: [string, TestCurve, CurveOptions | undefined][] = [
  ['no options', p384, undefined],
  ['an omitted curve', p384, { curve: undefined }],
  ['P-384', p384, p384.options],
  ['P-256', p256, p256.options],
];

/** Each function that reads a public key in any form, and then one in PEM. */
const publicReaders = (engine: Engine, options: CurveOptions | undefined, signature: Uint8Array) => [
  (key: PublicKeyInput) => engine.importVerifier(key, options),
  (key: PublicKeyInput) => engine.fingerprint(key, options),
  (key: PublicKeyInput) => engine.verifySignature(key, signature, message, 'der', options),
  (key: PublicKeyInput) => engine.safetyNumber({ publicKey: key, ...options }, { publicKey: key, ...options }),
];

describe.each(engines)('%s', (_name, engine) => {
  describe.each(expecting)('with %s', (_what, { name, other, parameters }, options) => {
    const [right, wrong] = [forms[name], forms[other]];
    const signature = engine.createSignature(right.privatePem, message, password, 'der', options);

    test('each function reads a public key of this curve, and refuses one of the other', () => {
      for (const read of publicReaders(engine, options, signature)) {
        for (const key of right.public) expect(() => read(key)).not.toThrow();
        for (const key of wrong.public) expect(thrownCode(() => read(key))).toBe('invalid-public-key');
      }
      const verify = (pem: string) => engine.verifyMessage(pem, signature, message, 'alice', options);
      expect(verify(right.publicPem)).toBe(false);
      expect(thrownCode(() => verify(wrong.publicPem))).toBe('invalid-public-key');
    });

    test('each function opens a key file of this curve, and refuses one of the other with the right password', async () => {
      const readers: ((pem: string) => unknown)[] = [
        (pem) => engine.unlockSigner(pem, password, options),
        (pem) => engine.exportPlainPrivateKey(pem, password, 'der', options),
        (pem) => engine.createSignature(pem, message, password, 'der', options),
        (pem) => engine.signMessage(message, 'alice', pem, password, options),
      ];
      for (const read of readers) {
        expect(() => read(right.privatePem)).not.toThrow();
        expect(thrownCode(() => read(wrong.privatePem))).toBe('unsupported-key');
      }
      expect((await engine.unlockKeyFile(right.privatePem, password, options)).signer.curve).toBe(name);
      expect(await rejectedCode(engine.unlockKeyFile(wrong.privatePem, password, options))).toBe('unsupported-key');
      // These write a file anew, which costs a whole derivation.
      const change = () => engine.changePassword(wrong.privatePem, password, 'new', options);
      expect(thrownCode(change)).toBe('unsupported-key');
      expect(thrownCode(() => engine.upgradeKey(wrong.privatePem, password, options))).toBe('unsupported-key');
    });

    test('a wrong password is reported as such, whatever the curve of the file', () => {
      for (const { privatePem } of [right, wrong]) {
        expect(thrownCode(() => engine.unlockSigner(privatePem, 'pass word', options))).toBe('wrong-password');
        expect(engine.needsRehash(privatePem)).toBe(true);
      }
    });

    test('each function reads a plain key of this curve, and refuses one of the other', () => {
      for (const key of right.plain) expect(engine.importPlainPrivateKey(key, options).curve).toBe(name);
      for (const key of wrong.plain) {
        expect(thrownCode(() => engine.importPlainPrivateKey(key, options))).toBe('unsupported-key');
        expect(thrownCode(() => engine.encryptPrivateKey(key, password, options))).toBe('unsupported-key');
      }
    });

    test('a key whose form claims this curve and holds one of the other is refused', () => {
      const { scalar, point } = wrong.pair;
      const mixed = { curve: parameters, scalar, point };
      for (const key of [encodeSpki(mixed), encodePem('PUBLIC KEY', encodeSpki(mixed)), encodePublicJwk(mixed)]) {
        expect(thrownCode(() => engine.importVerifier(key, options))).toBe('invalid-public-key');
      }
      const jwk = { ...encodePrivateJwk(wrong.pair), crv: name };
      for (const key of [encodePkcs8(mixed), encodePem('PRIVATE KEY', encodePkcs8(mixed)), jwk]) {
        expect(thrownCode(() => engine.importPlainPrivateKey(key, options))).toBe('invalid-private-key');
      }
      const pem = engine.lockKeyPairWith(mixed, password, { derivation: cheap, iv });
      expect(thrownCode(() => engine.unlockSigner(pem, password, options))).toBe('invalid-private-key');
    });

    test('a key of this curve whose form claims the other is refused', () => {
      const mixed = { ...right.pair, curve: wrong.pair.curve };
      for (const key of [encodeSpki(mixed), { ...encodePublicJwk(right.pair), crv: other }]) {
        expect(thrownCode(() => engine.importVerifier(key, options))).toBe('invalid-public-key');
      }
      for (const key of [encodePkcs8(mixed), { ...encodePrivateJwk(right.pair), crv: other }]) {
        expect(thrownCode(() => engine.importPlainPrivateKey(key, options))).toBe('unsupported-key');
      }
    });

    test('a key file may name the curve inside the ECPrivateKey too, and then must name the same', () => {
      const { scalar, point } = right.pair;
      const pkcs8 = (inner: string, key = scalar) => {
        const curve = element(tag.context0, objectIdentifier(inner));
        const publicKey = element(tag.context1, element(tag.bitString, Uint8Array.of(0), point));
        const algorithm = sequence(objectIdentifier(ecPublicKeyOid), objectIdentifier(parameters.oid));
        return sequence(number(0), algorithm, octetString(sequence(number(1), octetString(key), curve, publicKey)));
      };
      const expected = engine.fingerprint(right.publicPem, options);
      expect(engine.importPlainPrivateKey(pkcs8(parameters.oid), options).fingerprint).toBe(expected);
      const otherOid = wrong.pair.curve.oid;
      expect(thrownCode(() => engine.importPlainPrivateKey(pkcs8(otherOid), options))).toBe('unsupported-key');
      const long = Uint8Array.of(0, ...scalar);
      expect(thrownCode(() => engine.importPlainPrivateKey(pkcs8(parameters.oid, long), options))).toBe(
        'invalid-private-key',
      );
    });

    test('a compressed public half is refused', () => {
      const { scalar, point } = right.pair;
      const compressed = Uint8Array.of(2 + ((point.at(-1) ?? 0) & 1), ...point.subarray(1, 1 + scalar.length));
      const key = encodePkcs8({ curve: parameters, scalar, point: compressed });
      expect(thrownCode(() => engine.importPlainPrivateKey(key, options))).toBe('unsupported-key');
    });
  });

  test.each(['p-256', 'P256', 'prime256v1', 'secp384r1', 'P-521', 'toString', '', null, 256])(
    'a curve %j is refused by every function, before anything else',
    async (name) => {
      const options = { curve: name as 'P-256' };
      const { privatePem, publicPem } = forms['P-384'];
      const calls: (() => unknown)[] = [
        () => engine.generateSigner(options),
        () => engine.createSerializedKeys(password, options),
        () => engine.importPlainPrivateKey(privatePem, options),
        () => engine.encryptPrivateKey(privatePem, password, options),
        () => engine.exportPlainPrivateKey(privatePem, 'wrong', 'der', options),
        () => engine.unlockSigner(privatePem, 'wrong', options),
        () => engine.changePassword(privatePem, 'wrong', 'new', options),
        () => engine.upgradeKey(privatePem, 'wrong', options),
        () => engine.importVerifier('', options),
        () => engine.fingerprint('', options),
        () => engine.exportPublicKey({ publicKey: iv, ...options }, 'der'),
        () => engine.createSignature(privatePem, message, 'wrong', 'der', options),
        () => engine.verifySignature('', message, message, 'der', options),
        () => engine.signMessage(message, 'alice', privatePem, 'wrong', options),
        () => engine.verifyMessage('', message, message, 'alice', options),
        () => engine.derToP1363(message, options),
        () => engine.p1363ToDer(message, options),
        () => engine.isLowS(message, 'der', options),
        () => engine.toLowS(message, 'der', options),
        () => engine.safetyNumber({ publicKey: publicPem, ...options }, { publicKey: publicPem }),
        () => getPublicKey(join(folder, 'none.pem'), options),
      ];
      for (const call of calls) expect(thrownCode(call)).toBe('invalid-argument');
      expect(await rejectedCode(engine.unlockKeyFile(privatePem, 'wrong', options))).toBe('invalid-argument');
      expect(await rejectedCode(engine.createKeyFile(password, options))).toBe('invalid-argument');
    },
  );

  test('a misspelt option is refused, because it would be ignored', () => {
    const options = { curv: 'P-256' } as CurveOptions;
    expect(thrownCode(() => engine.generateSigner(options))).toBe('invalid-argument');
    expect(thrownCode(() => engine.importVerifier(forms['P-384'].publicPem, options))).toBe('invalid-argument');
    const lowS = { lowS: true } as CurveOptions;
    expect(thrownCode(() => engine.verifyMessage(forms['P-384'].publicPem, iv, iv, 'alice', lowS))).toBe(
      'invalid-argument',
    );
  });
});

test('getPublicKey reads a file of the expected curve only', () => {
  for (const { name, other, options } of curves) {
    const path = join(folder, `${name}.pem`);
    writeFileSync(path, forms[name].publicPem);
    expect(getPublicKey(path, options)).toBe(forms[name].publicPem);
    expect(thrownCode(() => getPublicKey(path, { curve: other }))).toBe('invalid-public-key');
    if (name === 'P-256') expect(thrownCode(() => getPublicKey(path))).toBe('invalid-public-key');
    else expect(getPublicKey(path)).toBe(forms[name].publicPem);
  }
});

test('exportPublicKey takes the curve from the signer or verifier, and P-384 for another object', () => {
  const { publicKey } = native.generateSigner(p256.options);
  expect(thrownCode(() => native.exportPublicKey({ publicKey }, 'der'))).toBe('invalid-public-key');
  expect(native.exportPublicKey({ publicKey, curve: 'P-256' }, 'der')).toEqual(publicKey);
  const nothing = undefined as unknown as { publicKey: Uint8Array };
  expect(thrownCode(() => native.exportPublicKey(nothing, 'der'))).toBe('invalid-argument');
});

test('the errors name the curve that was expected', () => {
  const { privatePem, publicPem } = forms['P-384'];
  const named = { message: expect.stringContaining('P-256') };
  expect(() => native.unlockSigner(privatePem, password, p256.options)).toThrow(expect.objectContaining(named));
  expect(() => native.importVerifier(publicPem, p256.options)).toThrow(expect.objectContaining(named));
  expect(() => native.derToP1363(iv, p256.options)).toThrow(expect.objectContaining(named));
});
