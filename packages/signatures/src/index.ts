/**
 * ECDSA signatures on P-384 or P-256 with SHA-256, key files under a password, and domain separation.
 *
 * @module @chat/signatures
 */
export {
  answerChallenge,
  type ChallengeAnswer,
  type ChallengeCheck,
  type ChallengeIssue,
  type ChallengeTerms,
  issueChallenge,
  type ProvenIdentity,
  verifyChallenge,
} from './challenge/challenge.ts';
export { signMessage, verifyMessage } from './challenge/challenge-signature.ts';
export { type ChallengeRecord, type ChallengeStore, createMemoryChallengeStore } from './challenge/challenge-store.ts';
export type { Curve, CurveOptions } from './encoding/curve.ts';
export { derToP1363, isLowS, p1363ToDer, type SignatureEncoding, toLowS } from './encoding/signature-encoding.ts';
export { SignatureError, type SignatureErrorCode } from './errors.ts';
export type { PrivateJwk, PublicJwk, UncheckedJwk } from './keys/jwk.ts';
export {
  exportPublicKey,
  fingerprint,
  type PublicKeyFormats,
  type PublicKeyHolder,
  type PublicKeyInput,
} from './keys/public-key.ts';
export {
  changePassword,
  createSerializedKeys,
  needsRehash,
  type SerializedKeys,
  upgradeKey,
} from './keys/serialized-keys.ts';
export { type Domain, domainSeparated } from './signing/domain.ts';
export {
  encryptPrivateKey,
  exportPlainPrivateKey,
  importPlainPrivateKey,
  type PlainPrivateKey,
  type PlainPrivateKeyFormats,
} from './signing/plain-key.ts';
export { createSignature, verifySignature } from './signing/plain-signature.ts';
export { type SafetyNumberParty, safetyNumber } from './signing/safety-number.ts';
export {
  createKeyFile,
  generateSigner,
  type NewKeyFile,
  type Signer,
  type UnlockedKeyFile,
  unlockKeyFile,
  unlockSigner,
} from './signing/signer.ts';
export { importVerifier, type Verifier, type VerifierOptions } from './signing/verifier.ts';
