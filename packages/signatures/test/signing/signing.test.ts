/** Each backend verifies the signatures of both: plain signatures, domains, challenges. */
import { rejectedCode, thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePem } from '../../src/encoding/pem.ts';
import { encodeSpki } from '../../src/encoding/spki.ts';
import type { Domain, SerializedKeys } from '../../src/index.ts';
import { curves } from '../support/curves.ts';
import { type Engine, engines, native, pairings, portable } from '../support/engine.ts';
import { bytes, cheap, derSignature, iv, toNumber } from '../support/inputs.ts';

const password = 'correct horse';
const domain: Domain = { protocol: 'test/1', purpose: 'message', context: 'room' };

describe.each(curves)('$name', ({ name, options, order, derBytes, spkiBytes, parameters }) => {
  const cheapKeys = (engine: Engine): SerializedKeys => {
    const pair = engine.backend.generateKeyPair(parameters);
    const publicPem = encodePem('PUBLIC KEY', encodeSpki(pair));
    return { privatePem: engine.lockKeyPairWith(pair, password, { derivation: cheap, iv }), publicPem };
  };
  const keys = { native: cheapKeys(native), portable: cheapKeys(portable) };

  describe.each(pairings)('%s', (_name, maker, checker) => {
    const signer = maker.generateSigner(options);
    const verifier = checker.importVerifier(signer.publicKey, options);

    test('verifies the signed data, and no other data', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (data, other) => {
          const signature = signer.sign(domain, data);
          expect(verifier.verify(domain, data, signature)).toBe(true);
          const same = Buffer.compare(data, other) === 0;
          expect(verifier.verify(domain, other, signature)).toBe(same);
        }),
        { numRuns: 15 },
      );
    });

    test('refuses a signature of another key', () => {
      const other = checker.importVerifier(maker.generateSigner(options).publicKey, options);
      expect(other.verify(domain, bytes('x'), signer.sign(domain, bytes('x')))).toBe(false);
    });

    test('agrees on the public key and its fingerprint', () => {
      expect(verifier.publicKey).toEqual(signer.publicKey);
      expect(verifier.fingerprint).toBe(signer.fingerprint);
      expect([signer.curve, verifier.curve]).toEqual([name, name]);
      expect(signer.publicKey).toHaveLength(spkiBytes);
      expect(verifier.fingerprint).toMatch(/^[0-9a-f]{64}$/);
      expect(checker.fingerprint(signer.publicKey, options)).toBe(signer.fingerprint);
    });

    test('verifies plain signatures', () => {
      const { privatePem, publicPem } = maker === native ? keys.native : keys.portable;
      const signature = maker.createSignature(privatePem, 'grüße', password, 'der', options);
      expect(checker.verifySignature(publicPem, signature, bytes('grüße'), 'der', options)).toBe(true);
      expect(checker.verifySignature(publicPem, signature, 'grusse', 'der', options)).toBe(false);
    });

    test('binds the answer to a challenge to challenge, name and key', () => {
      const { privatePem, publicPem } = maker === native ? keys.native : keys.portable;
      const challenge = bytes('sixteen bytes ok');
      const answer = maker.signMessage(challenge, 'alice', privatePem, password, options);
      expect(checker.verifyMessage(publicPem, answer, challenge, 'alice', options)).toBe(true);
      expect(checker.verifyMessage(publicPem, answer, challenge, 'alicf', options)).toBe(false);
      expect(checker.verifyMessage(publicPem, answer, bytes('sixteen bytes oka'), 'lice', options)).toBe(false);
      expect(checker.verifyMessage(publicPem, answer, bytes('another challenge'), 'alice', options)).toBe(false);
      const other = maker === native ? keys.portable : keys.native;
      expect(checker.verifyMessage(other.publicPem, answer, challenge, 'alice', options)).toBe(false);
    });

    test('accepts both signatures of a pair, with low and high s', () => {
      const signature = signer.sign(domain, bytes('x'));
      const { r, s } = split(signature);
      expect(derSignature(r, s)).toEqual(signature);
      expect(verifier.verify(domain, bytes('x'), derSignature(r, order - s))).toBe(true);
    });

    test('accepts only the signature with the low s if the verifier is asked to', () => {
      const strict = checker.importVerifier(signer.publicKey, { ...options, lowS: true });
      const { r, s } = split(signer.sign(domain, bytes('x')));
      expect(strict.verify(domain, bytes('x'), derSignature(r, s))).toBe(true);
      expect(strict.verify(domain, bytes('x'), derSignature(r, order - s))).toBe(false);
      expect(strict.verify(domain, bytes('x'), checker.derToP1363(derSignature(r, s), options), 'p1363')).toBe(true);
      expect(strict.verify(domain, bytes('x'), checker.derToP1363(derSignature(r, order - s), options), 'p1363')).toBe(
        false,
      );
      expect(strict.verify(domain, bytes('y'), derSignature(r, s))).toBe(false);
    });
  });

  describe.each(engines)('%s', (_name, engine) => {
    test('signatures differ each time, are DER, and have a low s', () => {
      const signer = engine.generateSigner(options);
      const made = Array.from({ length: 40 }, () => signer.sign(domain, bytes('x')));
      expect(new Set(made.map(String)).size).toBe(40);
      expect(made.every((signature) => signature.length <= derBytes && signature.constructor === Uint8Array)).toBe(
        true,
      );
      expect(made.every((signature) => split(signature).s <= order / 2n)).toBe(true);
      const plain = Array.from({ length: 5 }, () =>
        engine.createSignature(keys.native.privatePem, 'x', password, 'der', options),
      );
      expect(plain.every((signature) => split(signature).s <= order / 2n)).toBe(true);
    });

    test('plain functions refuse to sign for a domain, but verify it', () => {
      const { privatePem } = keys.native;
      const message = engine.domainSeparated(domain, bytes('x'));
      expect(thrownCode(() => engine.createSignature(privatePem, message, password, 'der', options))).toBe(
        'reserved-data',
      );
      const signature = engine.unlockSigner(privatePem, password, options).sign(domain, bytes('x'));
      expect(engine.verifySignature(keys.native.publicPem, signature, message, 'der', options)).toBe(true);
    });

    test('verifies off the main thread as in it, several signatures at once', async () => {
      const signer = engine.generateSigner(options);
      const signature = signer.sign(domain, bytes('x'));
      const s = order - split(signature).s;
      const high = derSignature(split(signature).r, s);
      const cases = [signature, high, signer.sign(domain, bytes('y')), signature.subarray(1), Uint8Array.of()];
      for (const lowS of [false, true]) {
        const verifier = engine.importVerifier(signer.publicKey, { ...options, lowS });
        const valid = await Promise.all(cases.map((each) => verifier.verifyAsync(domain, bytes('x'), each)));
        expect(valid).toEqual([true, !lowS, false, false, false]);
        expect(valid).toEqual(cases.map((each) => verifier.verify(domain, bytes('x'), each)));
      }
      const verifier = engine.importVerifier(signer.publicKey, options);
      const [p1363, nothing] = [engine.derToP1363(signature, options), undefined as unknown as Uint8Array];
      expect(await verifier.verifyAsync(domain, bytes('x'), p1363 ?? signature, 'p1363')).toBe(true);
      expect(await rejectedCode(verifier.verifyAsync(domain, nothing, signature))).toBe('invalid-argument');
    });

    test('values that are not data are refused, and not signed as empty data', () => {
      const signer = engine.generateSigner(options);
      const verifier = engine.importVerifier(signer.publicKey, options);
      const nothing = undefined as unknown as Uint8Array;
      expect(thrownCode(() => signer.sign(domain, nothing))).toBe('invalid-argument');
      expect(thrownCode(() => verifier.verify(domain, nothing, Uint8Array.of()))).toBe('invalid-argument');
      expect(thrownCode(() => engine.createSignature(keys.native.privatePem, nothing, password, 'der', options))).toBe(
        'invalid-argument',
      );
      expect(
        thrownCode(() => engine.createSignature(keys.native.privatePem, 'half \ud83d', password, 'der', options)),
      ).toBe('invalid-argument');
      expect(verifier.verify(domain, bytes('x'), nothing)).toBe(false);
    });

    test('signers and verifiers cannot be altered, nor their keys through them', () => {
      const signer = engine.generateSigner(options);
      const spki = Buffer.from(signer.publicKey); // whose `slice` would be a view
      const verifier = engine.importVerifier(spki, options);
      spki.fill(0);
      verifier.publicKey.fill(0);
      expect(Object.isFrozen(signer) && Object.isFrozen(verifier)).toBe(true);
      expect(verifier.verify(domain, bytes('x'), signer.sign(domain, bytes('x')))).toBe(true);
    });
  });
});

function split(signature: Uint8Array): { r: bigint; s: bigint } {
  const rLength = signature[3] ?? 0;
  return { r: toNumber(signature.subarray(4, 4 + rLength)), s: toNumber(signature.subarray(6 + rLength)) };
}
