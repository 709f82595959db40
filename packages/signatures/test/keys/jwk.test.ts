/** Keys as JWK and in the other forms: accepted and refused ones, and that no private key is exported as a public one. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { decodeBase64Url, encodeBase64Url } from '../../src/encoding/base64.ts';
import { encodePkcs8 } from '../../src/encoding/pkcs8.ts';
import { encodeSpki } from '../../src/encoding/spki.ts';
import type { Curve, PrivateJwk, PublicKeyFormats, UncheckedJwk } from '../../src/index.ts';
import { cheapScrypt } from '../support/cheap-scrypt-engine.ts';
import { curves, newPair } from '../support/curves.ts';
import { engines, native } from '../support/engine.ts';
import { bytes, cheap, iv, toBytes } from '../support/inputs.ts';

const password = 'p';
const domain = { protocol: 'test/1', purpose: 'jwk', context: '' };

test('base64url equals the encoding of Buffer, and other texts are refused', () => {
  for (const length of [0, 1, 2, 3, 31, 32, 33, 47, 48, 49]) {
    const made = new Uint8Array(length).fill(0xfb);
    expect(encodeBase64Url(made)).toBe(Buffer.from(made).toString('base64url'));
    expect(decodeBase64Url(encodeBase64Url(made))).toEqual(made);
  }
  for (const bad of ['A', 'AB', 'AAB', 'AA==', 'AA+A', 'AA/A', 'AA\n', 'ÀAAA', 'AAAAA']) {
    expect(decodeBase64Url(bad)).toBeNull();
  }
});

describe.each(curves)('$name', (curve) => {
  const { name, other: otherName, options, order, parameters, pkcs8Bytes, scalarBytes } = curve;
  const pair = newPair(curve);
  const other = newPair(curve);
  const privatePem = native.lockKeyPairWith(pair, password, { derivation: cheap, iv });
  const privateJwk = native.exportPlainPrivateKey(privatePem, password, 'jwk', options);
  const { d, ...publicJwk } = privateJwk;
  const { x, y } = publicJwk;
  const short = encodeBase64Url(pair.scalar.subarray(1));
  const long = encodeBase64Url(Uint8Array.of(0, ...pair.scalar));
  const text = (value: bigint) => encodeBase64Url(toBytes(value, scalarBytes));
  const otherCoordinate = encodeBase64Url(other.point.subarray(1, 1 + scalarBytes));

  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const afterLast = digits.charAt(digits.indexOf(x.slice(-1)) + 1);
  const ofCurve: Readonly<Record<Curve, [string, object][]>> = {
    'P-384': [['for ES256, which is on P-256', { alg: 'ES256' }]],
    // 43 characters have two bits more than 32 bytes.
    'P-256': [['x with spare bits that are not zero', { x: `${x.slice(0, -1)}${afterLast}` }]],
  };

  const unsound: [string, object][] = [
    ['x of one byte less', { x: short }],
    ['x of one byte more', { x: long }],
    ['y of one byte less', { y: short }],
    ['x with padding', { x: `${x}=` }],
    ['x in base64', { x: `${x.slice(0, -1)}+` }],
    ['x with a space', { x: ` ${x.slice(1)}` }],
    ['x with a line feed', { x: `${x.slice(0, -1)}\n` }],
    ['x as a number', { x: 1 }],
    ['x as an array', { x: [x] }],
    ['x missing', { x: undefined }],
    ['y missing', { y: undefined }],
    ['for encryption', { use: 'enc' }],
    ['use as an array', { use: ['sig'] }],
    ['key_ops of something else', { key_ops: ['deriveBits'] }],
    ['key_ops empty', { key_ops: [] }],
    ['key_ops as a string', { key_ops: 'sign verify' }],
    ['for ES384, whose hash is SHA-384', { alg: 'ES384' }],
    ['for ES256K', { alg: 'ES256K' }],
    ['for ECDH-ES', { alg: 'ECDH-ES' }],
    ['alg as null', { alg: null }],
    ['alg as an array', { alg: ['ES256'] }],
    ...ofCurve[name],
  ];

  const elsewhere: [string, object][] = [
    ['the other curve', { crv: otherName }],
    ['crv in lower case', { crv: name.toLowerCase() }],
    ['crv missing', { crv: undefined }],
    ['crv as an array', { crv: [name] }],
    ['RSA', { kty: 'RSA' }],
    ['ec', { kty: 'ec' }],
    ['kty missing', { kty: undefined }],
  ];

  const offCurve: [string, object][] = [
    ['x of another key', { x: otherCoordinate }],
    ['x and y exchanged', { x: y, y: x }],
    ['x = y = 0', { x: text(0n), y: text(0n) }],
    ['x above the field', { x: text(2n ** BigInt(8 * scalarBytes) - 1n) }],
  ];

  describe.each(engines)('%s', (_name, engine) => {
    const verifier = engine.importVerifier(encodeSpki(pair), options);

    test('imports a public key from each of its forms', () => {
      for (const format of ['pem', 'der', 'jwk'] as const satisfies readonly (keyof PublicKeyFormats)[]) {
        const made = engine.exportPublicKey(verifier, format);
        expect(engine.importVerifier(made, options).publicKey).toEqual(verifier.publicKey);
        expect(engine.fingerprint(made, options)).toBe(verifier.fingerprint);
        expect(engine.exportPublicKey(engine.importVerifier(made, options), format)).toEqual(made);
      }
    });

    test('exports the same forms as Node', () => {
      const theirs = createPublicKey({ key: Buffer.from(verifier.publicKey), format: 'der', type: 'spki' });
      expect(engine.exportPublicKey(verifier, 'jwk')).toEqual(theirs.export({ format: 'jwk' }));
      expect(engine.exportPublicKey(verifier, 'pem')).toBe(theirs.export({ format: 'pem', type: 'spki' }));
      expect(engine.fingerprint(theirs.export({ format: 'jwk' }), options)).toBe(verifier.fingerprint);
      const key = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' });
      const read = engine.importPlainPrivateKey(key.export({ format: 'jwk' }), options);
      expect(read.fingerprint).toBe(verifier.fingerprint);
      expect(privateJwk).toEqual(key.export({ format: 'jwk' }));
    });

    test('reads and signs with keys of Web Crypto', async () => {
      const made = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: name }, true, ['sign', 'verify']);
      const [theirs, ours] = await Promise.all([
        crypto.subtle.exportKey('jwk', made.privateKey),
        crypto.subtle.exportKey('jwk', made.publicKey),
      ]);
      const signature = engine.importPlainPrivateKey(theirs, options).sign(domain, bytes('x'), 'p1363');
      expect(engine.importVerifier(ours, options).verify(domain, bytes('x'), signature, 'p1363')).toBe(true);
      const message = new Uint8Array(engine.domainSeparated(domain, bytes('x')));
      const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
      expect(await crypto.subtle.verify(algorithm, made.publicKey, new Uint8Array(signature), message)).toBe(true);
    });

    test('accepts members that allow the use, and ignores other members', () => {
      const allowed = { use: 'sig', key_ops: ['verify', 'sign'], kid: 'k', ext: true, x5c: ['…'], extra: { d: 1 } };
      expect(engine.fingerprint({ ...publicJwk, ...allowed } as UncheckedJwk, options)).toBe(verifier.fingerprint);
      const signer = engine.importPlainPrivateKey({ ...privateJwk, ...allowed } as UncheckedJwk, options);
      expect(signer.fingerprint).toBe(verifier.fingerprint);
      if (name !== 'P-256') return;
      const alg = { alg: 'ES256' };
      expect(engine.fingerprint({ ...publicJwk, ...alg }, options)).toBe(verifier.fingerprint);
      expect(engine.importPlainPrivateKey({ ...privateJwk, ...alg }, options).fingerprint).toBe(verifier.fingerprint);
    });

    test.each([...unsound, ...elsewhere, ...offCurve])('refuses as a public key: %s', (_what, change) => {
      const jwk = { ...publicJwk, ...change };
      expect(thrownCode(() => engine.importVerifier(jwk, options))).toBe('invalid-public-key');
      expect(thrownCode(() => engine.fingerprint(jwk, options))).toBe('invalid-public-key');
    });

    test.each([
      ...unsound,
      ...offCurve,
      ['d missing', { d: undefined }],
      ['d of one byte less', { d: short }],
      ['d of one byte more', { d: long }],
      ['d = 0', { d: text(0n) }],
      ['d = n', { d: text(order) }],
      ['d of another key', { d: encodeBase64Url(other.scalar) }],
      ['for verifying only', { key_ops: ['verify'] }],
    ] as [string, object][])('refuses as a private key: %s', (_what, change) => {
      const jwk = { ...privateJwk, ...change };
      expect(thrownCode(() => engine.importPlainPrivateKey(jwk, options))).toBe('invalid-private-key');
      expect(thrownCode(() => engine.encryptPrivateKey(jwk, 'p', options))).toBe('invalid-private-key');
    });

    test.each(elsewhere)('reports another type of private key: %s', (_what, change) => {
      const jwk = { ...privateJwk, ...change };
      expect(thrownCode(() => engine.importPlainPrivateKey(jwk, options))).toBe('unsupported-key');
    });

    test('refuses a key for signing only to verify', () => {
      const jwk = { ...publicJwk, key_ops: ['sign'] };
      expect(thrownCode(() => engine.importVerifier(jwk, options))).toBe('invalid-public-key');
    });
  });

  describe('plain private keys', () => {
    const der = encodePkcs8(pair);
    const forms = {
      pem: native.exportPlainPrivateKey(privatePem, password, 'pem', options),
      der: native.exportPlainPrivateKey(privatePem, password, 'der', options),
      jwk: privateJwk,
    };
    const expected = native.fingerprint(publicJwk, options);

    test.each(engines)('%s reads each form', (_name, engine) => {
      for (const form of Object.values(forms)) {
        const signer = engine.importPlainPrivateKey(form, options);
        expect(signer.fingerprint).toBe(expected);
        const verifier = engine.importVerifier(publicJwk, options);
        expect(verifier.verify(domain, der, signer.sign(domain, der))).toBe(true);
      }
    });

    test('are encrypted by encryptPrivateKey', () => {
      const encrypted = cheapScrypt.encryptPrivateKey(forms.jwk, 'new', options);
      expect(cheapScrypt.unlockKeyPair(encrypted, 'new', parameters)).toEqual(pair);
    });

    test('are exported in their documented forms, with the right password only', () => {
      expect(forms.der).toEqual(der);
      expect(forms.der).toHaveLength(pkcs8Bytes);
      expect(forms.pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
      expect(thrownCode(() => native.exportPlainPrivateKey(privatePem, 'wrong', 'der', options))).toBe(
        'wrong-password',
      );
    });

    test('are not changed by importPlainPrivateKey', () => {
      const given = der.slice();
      native.importPlainPrivateKey(given, options);
      expect(given).toEqual(der);
    });

    test('are refused by all functions without them in their name', () => {
      for (const form of Object.values(forms)) {
        expect(thrownCode(() => native.importVerifier(form, options))).toBe('invalid-public-key');
        expect(thrownCode(() => native.fingerprint(form, options))).toBe('invalid-public-key');
        expect(
          thrownCode(() => native.safetyNumber({ publicKey: form, ...options }, { publicKey: publicJwk, ...options })),
        ).toBe('invalid-public-key');
        expect(thrownCode(() => native.unlockSigner(form as string, '', options))).toBe('invalid-private-key');
        expect(thrownCode(() => native.changePassword(form as string, '', 'p', options))).toBe('invalid-private-key');
        expect(thrownCode(() => native.needsRehash(form as string))).toBe('invalid-private-key');
      }
    });

    test('are not confused with encrypted or public keys', () => {
      const publicPem = native.exportPublicKey({ publicKey: encodeSpki(pair), ...options }, 'pem');
      for (const key of [privatePem, publicPem, '', null]) {
        expect(thrownCode(() => native.importPlainPrivateKey(key as string, options))).toBe('invalid-private-key');
      }
      expect(thrownCode(() => native.importPlainPrivateKey(publicJwk, options))).toBe('invalid-private-key');
    });

    test('are not exported by a signer or a public export', () => {
      const signer = native.importPlainPrivateKey(forms.jwk, options);
      const shown = JSON.stringify([
        signer,
        native.exportPublicKey(signer, 'jwk'),
        native.exportPublicKey(signer, 'pem'),
      ]);
      expect(shown).not.toContain(d);
      expect(Object.keys(native.exportPublicKey(signer, 'jwk'))).toEqual(['kty', 'crv', 'x', 'y']);
    });
  });

  test('another format is refused', () => {
    const key = { publicKey: encodeSpki(pair), ...options };
    for (const format of ['PEM', 'raw', 'toString', '__proto__', undefined]) {
      const bad = format as 'pem';
      expect(thrownCode(() => native.exportPublicKey(key, bad))).toBe('invalid-argument');
      expect(thrownCode(() => native.exportPlainPrivateKey(privatePem, password, bad, options))).toBe(
        'invalid-argument',
      );
    }
    const altered = { publicKey: new Uint8Array(key.publicKey.length), ...options };
    expect(thrownCode(() => native.exportPublicKey(altered, 'der'))).toBe('invalid-public-key');
  });

  test('errors about a JWK contain none of its members', () => {
    const jwk: PrivateJwk = { ...privateJwk, x: otherCoordinate };
    for (const run of [() => native.importPlainPrivateKey(jwk, options), () => native.importVerifier(jwk, options)]) {
      expect(run).toThrow(expect.objectContaining({ message: expect.not.stringContaining(d) }));
    }
  });
});
