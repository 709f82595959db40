/**
 * Any input gives a documented error, false, or its one meaning, and the same result from both backends. `FUZZ_SEED` repeats
 * a run.
 */
import { onlyInFullRun, thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePem } from '../src/encoding/pem.ts';
import { encodePkcs8 } from '../src/encoding/pkcs8.ts';
import { encodeSpki } from '../src/encoding/spki.ts';
import type { PrivateJwk, UncheckedJwk } from '../src/index.ts';
import { curves, newPair, type TestCurve } from './support/curves.ts';
import { type Engine, native, portable } from './support/engine.ts';
import { bytes, cheap, derSignature, iv, outcomeOf, outcomeOfPromise } from './support/inputs.ts';
import { mutatedBytes, mutatedText } from './support/mutations.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
console.info(`fuzz seed: FUZZ_SEED=${seed}`);

const domain = { protocol: 'test/1', purpose: 'fuzz', context: '' };
const data = bytes('data');

const privateCodes = ['none', 'invalid-private-key', 'unsupported-key', 'wrong-password'];
const publicCodes = ['none', 'invalid-public-key'];
const challengeCodes = ['unknown-challenge', 'wrong-answer', 'wrong-purpose', 'wrong-channel', 'invalid-argument'];

/** Generates JWKs in which some members have another value, or a value of any type. */
const mutatedJwk = (sound: PrivateJwk) =>
  fc
    .record(
      {
        kty: fc.constantFrom('EC', 'RSA', 'OKP', 'oct'),
        crv: fc.constantFrom('P-384', 'P-256', 'P-521', 'secp256k1'),
        x: fc.oneof(mutatedText(sound.x), fc.constant(sound.y)),
        y: fc.oneof(mutatedText(sound.y), fc.anything()),
        d: fc.oneof(mutatedText(sound.d), fc.anything()),
        use: fc.oneof(fc.constant('sig'), fc.anything()),
        key_ops: fc.oneof(fc.subarray(['sign', 'verify']), fc.anything()),
        alg: fc.oneof(fc.constantFrom('ES256', 'ES384'), fc.anything()),
      },
      { requiredKeys: [] },
    )
    .chain((change) => fc.subarray(Object.keys(change)).map((kept) => ({ change, kept })))
    .map(({ change, kept }): UncheckedJwk => {
      const chosen = Object.fromEntries(Object.entries(change).filter(([member]) => kept.includes(member)));
      return { ...sound, ...chosen };
    });

/** Runs a call on both backends, which must agree, and returns the common outcome, which must be allowed. */
function agreed(allowed: readonly string[], run: (engine: Engine) => unknown): string {
  const code = outcomeOf(() => run(native));
  expect(allowed).toContain(code);
  expect(outcomeOf(() => run(portable))).toBe(code);
  return code;
}

function campaign(numRuns: number, curve: TestCurve): void {
  const { options } = curve;
  const pair = newPair(curve);
  const signer = native.generateSigner(options);
  const verifier = native.importVerifier(signer.publicKey, options);
  const sound = {
    spki: encodeSpki(pair),
    publicPem: encodePem('PUBLIC KEY', encodeSpki(pair)),
    pkcs8: encodePkcs8(pair),
    plainPem: encodePem('PRIVATE KEY', encodePkcs8(pair)),
    privatePem: native.lockKeyPairWith(pair, 'p', { derivation: cheap, iv }),
    der: signer.sign(domain, data),
    p1363: signer.sign(domain, data, 'p1363'),
  };
  const jwks = mutatedJwk(native.exportPlainPrivateKey(sound.privatePem, 'p', 'jwk', options));
  const budget = { seed, numRuns };
  /** For properties that import keys in the portable backend in each run, or generate many values. */
  const slow = { seed, numRuns: Math.ceil(numRuns / 4) };

  test('a public key in DER that is accepted is exported as the same bytes', () => {
    fc.assert(
      fc.property(mutatedBytes(sound.spki), (der) => {
        const code = agreed(publicCodes, (engine) => engine.importVerifier(der, options));
        if (code !== 'none') return;
        expect(native.exportPublicKey(native.importVerifier(der, options), 'der')).toEqual(der);
        expect(agreed(publicCodes, (engine) => engine.importVerifier(der, { curve: curve.other }))).not.toBe('none');
      }),
      budget,
    );
  });

  test('a public key in PEM that is accepted contains the text that is exported', () => {
    fc.assert(
      fc.property(mutatedText(sound.publicPem), (pem) => {
        const code = agreed(publicCodes, (engine) => engine.importVerifier(pem, options));
        if (code !== 'none') return;
        const exported = native.exportPublicKey(native.importVerifier(pem, options), 'pem');
        expect(pem.replace(/\s/g, '')).toContain(exported.replace(/\s/g, ''));
      }),
      budget,
    );
  });

  test('a JWK gives the same key or a documented error in both backends', () => {
    fc.assert(
      fc.property(jwks, (jwk) => {
        const { d, ...open } = jwk;
        const code = agreed(publicCodes, (engine) => engine.importVerifier(open, options));
        if (code === 'none') {
          expect(native.exportPublicKey(native.importVerifier(open, options), 'jwk')).toMatchObject({
            x: jwk.x,
            y: jwk.y,
          });
        }
        if (d !== undefined) expect(thrownCode(() => native.importVerifier(jwk, options))).toBe('invalid-public-key');
        agreed(privateCodes, (engine) => engine.importPlainPrivateKey(jwk, options));
      }),
      slow,
    );
  });

  test('an arbitrary object as a JWK gives a documented error', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const jwk = value as UncheckedJwk;
        expect(thrownCode(() => native.importVerifier(jwk, options))).toBe('invalid-public-key');
        expect(['invalid-private-key', 'unsupported-key']).toContain(
          thrownCode(() => native.importPlainPrivateKey(jwk, options)),
        );
      }),
      budget,
    );
  });

  test('plain private keys in DER and PEM: none becomes another key', () => {
    const own = native.importPlainPrivateKey(sound.pkcs8, options).fingerprint;
    fc.assert(
      fc.property(fc.oneof(mutatedBytes(sound.pkcs8), mutatedText(sound.plainPem)), (key) => {
        const code = agreed(privateCodes, (engine) => engine.importPlainPrivateKey(key, options));
        if (code === 'none') expect(native.importPlainPrivateKey(key, options).fingerprint).toBe(own);
      }),
      slow,
    );
  });

  test('encrypted private keys in PEM: what cannot be read has no cost and does not open', () => {
    fc.assert(
      fc.property(mutatedText(sound.privatePem), (pem) => {
        const cost = agreed(privateCodes, (engine) => engine.needsRehash(pem));
        if (cost !== 'none') expect(thrownCode(() => native.unlockSigner(pem, 'p', options))).toBe(cost);
      }),
      budget,
    );
  });

  test('conversions of a changed signature are inverse, and no changed signature is valid', () => {
    const toP1363 = (signature: Uint8Array) => native.derToP1363(signature, options);
    const toDer = (signature: Uint8Array) => native.p1363ToDer(signature, options);
    const codes = ['none', 'malformed-signature'];
    fc.assert(
      fc.property(mutatedBytes(sound.der), mutatedBytes(sound.p1363), (der, p1363) => {
        if (agreed(codes, (engine) => engine.derToP1363(der, options)) === 'none')
          expect(toDer(toP1363(der))).toEqual(der);
        if (agreed(codes, (engine) => engine.p1363ToDer(p1363, options)) === 'none') {
          expect(toP1363(toDer(p1363))).toEqual(p1363);
        }
        const [sameDer, sameP1363] = [same(der, sound.der), same(p1363, sound.p1363)];
        expect(verifier.verify(domain, data, der)).toBe(sameDer);
        expect(verifier.verify(domain, data, p1363, 'p1363')).toBe(sameP1363);
      }),
      budget,
    );
  });

  test('only the exact answer to a challenge is accepted', async () => {
    const terms = { purpose: 'login', channel: new Uint8Array(32).fill(5) };
    const check = { ...terms, username: 'alice', verifier, now: 0 };
    const challenge = Buffer.alloc(32, 7).toString('base64url');
    const answer = native.answerChallenge(signer, challenge, { ...terms, username: 'alice' });
    const changes = fc.record(
      {
        challenge: fc.oneof(mutatedText(challenge), fc.anything()),
        answer: fc.oneof(mutatedBytes(answer), fc.constant(derSignature(1n, 1n)), fc.anything()),
        username: fc.oneof(mutatedText('alice'), fc.string({ unit: 'binary' }), fc.anything()),
        purpose: mutatedText('login'),
        channel: mutatedBytes(terms.channel),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(changes, async (change) => {
        const store = native.createMemoryChallengeStore(1);
        const random = () => new Uint8Array(32).fill(7);
        await native.issueChallenge(store, { ...terms, now: 0, lifetimeMs: 1000, random });
        const changed = { ...check, challenge, answer, ...change } as typeof check & { challenge: string };
        const code = await outcomeOfPromise(() => native.verifyChallenge(store, { answer, ...changed }));
        const intact = JSON.stringify(changed) === JSON.stringify({ ...check, challenge, answer });
        if (intact) expect(code).toBe('none');
        else expect(challengeCodes).toContain(code);
      }),
      slow,
    );
  });
}

describe.each(curves)('$name', (curve) => {
  describe('a sample', () => campaign(200, curve));
  onlyInFullRun('10,000 runs of each fuzz test')('at length', () => campaign(10_000, curve));
});

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
