/** @chat/signatures: key files and signatures that copies exchange, and safety numbers. */
import {
  answerChallenge,
  createMemoryChallengeStore,
  createSerializedKeys,
  createSignature,
  derToP1363,
  exportPlainPrivateKey,
  generateSigner,
  importPlainPrivateKey,
  importVerifier,
  issueChallenge,
  type PrivateJwk,
  p1363ToDer,
  SignatureError,
  safetyNumber,
  unlockSigner,
  verifyChallenge,
  verifySignature,
} from '@chat/signatures';
import type { Conformance } from './conformance.ts';
import { expectError, expectSame, fromHex, toHex } from './expect.ts';

/** The optional fields are specific to this library; other software makes the others too. */
interface Made {
  readonly privatePem: string;
  readonly publicPem: string;
  /** A signature of `signedText` in DER. */
  readonly signature: string;
  /** A signature in P1363, not necessarily the same one. */
  readonly p1363: string;
  readonly domainSignature?: string;
  readonly jwk?: PrivateJwk;
  readonly p256?: { readonly privatePem: string; readonly publicPem: string; readonly domainSignature: string };
}

/** The password of each key file. */
export const password = 'pässword';
export const signedText = 'release 1.4.0';

const p256 = { curve: 'P-256' } as const;
const domain = { protocol: 'conformance/1', purpose: 'cross', context: 'ü' };
const signedData = new TextEncoder().encode('what is signed');

/** The public keys of the private keys 1 and 2 in P-384 (NIST SP 800-186, G and 2G), and their safety number. */
const firstPublicKey = publicKeyOf(
  'aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7' +
    '3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f',
);
const secondPublicKey = publicKeyOf(
  '08d999057ba3d2d969260045c55b97f089025959a6f434d651d207d19fb96e9e4fe0e86ebe0e64f85b96a9c75295df61' +
    '8e80f1fa5b1b3cedb7bfe8dffd6dba74b275d875bc6cc43e904e505f256ab4255ffd43e94d39e22d61501e700a940e80',
);
const expectedSafetyNumber = '13840 91583 63601 42296 00043 56551 39591 22629 10743 79089 70125 13950';

function publicKeyOf(coordinates: string): Uint8Array {
  return fromHex(`3076301006072a8648ce3d020106052b8104002203620004${coordinates}`);
}

export const signatures: Conformance<Made> = {
  checks: {
    'the safety number of two known keys': () => {
      expectSame(safetyNumber({ publicKey: firstPublicKey }, { publicKey: secondPublicKey }), expectedSafetyNumber);
      expectSame(safetyNumber({ publicKey: secondPublicKey }, { publicKey: firstPublicKey }), expectedSafetyNumber);
    },

    'a challenge counts once': async () => {
      const signer = generateSigner();
      const store = createMemoryChallengeStore(10);
      const place = { purpose: 'login', channel: new Uint8Array(32) };
      const terms = { ...place, username: 'alice' };
      const challenge = await issueChallenge(store, { ...place, now: 0, lifetimeMs: 1000 });
      const answer = answerChallenge(signer, challenge, terms);
      const check = { ...terms, challenge, answer, verifier: importVerifier(signer.publicKey), now: 1 };
      expectSame((await verifyChallenge(store, check)).fingerprint, signer.fingerprint);
      await expectError(SignatureError, 'unknown-challenge', () => verifyChallenge(store, check));
    },

    'a key of P-256 is read where one is expected': async () => {
      const signer = generateSigner(p256);
      expectSame(signer.publicKey.length, 91);
      expectSame(importVerifier(signer.publicKey, p256).fingerprint, signer.fingerprint);
      await expectError(SignatureError, 'invalid-public-key', () => importVerifier(signer.publicKey));
      await expectError(SignatureError, 'invalid-public-key', () => importVerifier(firstPublicKey, p256));
    },

    'refuses a wrong password': async () => {
      const { privatePem } = createSerializedKeys(password);
      await expectError(SignatureError, 'wrong-password', () => unlockSigner(privatePem, 'another'));
    },

    'refuses damaged keys': async () => {
      for (const bit of [0, 40, 200, 8 * firstPublicKey.length - 1]) {
        const damaged = firstPublicKey.slice();
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await expectError(SignatureError, 'invalid-public-key', () => importVerifier(damaged));
      }
    },
  },

  make() {
    const { privatePem, publicPem } = createSerializedKeys(password);
    const signature = createSignature(privatePem, signedText, password);
    const jwk = exportPlainPrivateKey(privatePem, password, 'jwk');
    const short = createSerializedKeys(password, p256);
    const shortSignature = unlockSigner(short.privatePem, password, p256).sign(domain, signedData);
    return {
      privatePem,
      publicPem,
      signature: toHex(signature),
      p1363: toHex(derToP1363(signature)),
      domainSignature: toHex(importPlainPrivateKey(jwk).sign(domain, signedData)),
      jwk,
      p256: { ...short, domainSignature: toHex(shortSignature) },
    };
  },

  read({ privatePem, publicPem, signature, p1363, domainSignature, jwk, p256: short }) {
    const verifier = importVerifier(publicPem);
    expectSame(unlockSigner(privatePem, password).fingerprint, verifier.fingerprint);
    expectSame(verifySignature(publicPem, fromHex(signature), signedText), true);
    expectSame(verifySignature(publicPem, fromHex(signature), `${signedText}.`), false);
    expectSame(verifySignature(publicPem, fromHex(p1363), signedText, 'p1363'), true);
    expectSame(toHex(derToP1363(p1363ToDer(fromHex(p1363)))), p1363);
    if (jwk !== undefined) expectSame(importPlainPrivateKey(jwk).fingerprint, verifier.fingerprint);
    if (short !== undefined) {
      const onP256 = importVerifier(short.publicPem, { ...p256, lowS: true });
      expectSame(unlockSigner(short.privatePem, password, p256).fingerprint, onP256.fingerprint);
      expectSame(onP256.verify(domain, signedData, fromHex(short.domainSignature)), true);
      expectSame(onP256.verify(domain, fromHex('00'), fromHex(short.domainSignature)), false);
    }
    if (domainSignature === undefined) return;
    expectSame(verifier.verify(domain, signedData, fromHex(domainSignature)), true);
    expectSame(verifier.verify({ ...domain, purpose: 'other' }, signedData, fromHex(domainSignature)), false);
  },
};
