/** @chat/signatures: ECDSA P-384 with SHA-256, keys under a password, and signatures that say what they are for. */
export {
  answerChallenge,
  type ChallengeAnswer,
  type ChallengeCheck,
  type ChallengeIssue,
  type ChallengeTerms,
  issueChallenge,
  type ProvenIdentity,
  verifyChallenge,
} from './challenge.ts';
export { signMessage, verifyMessage } from './challenge-signature.ts';
export { type ChallengeRecord, type ChallengeStore, createMemoryChallengeStore } from './challenge-store.ts';
export { type Domain, domainSeparated } from './domain.ts';
export type { PrivateJwk, PublicJwk, UncheckedJwk } from './jwk.ts';
export {
  encryptPrivateKey,
  exportPlainPrivateKey,
  importPlainPrivateKey,
  type PlainPrivateKey,
  type PlainPrivateKeyFormats,
} from './plain-key.ts';
export { createSignature, verifySignature } from './plain-signature.ts';
export { exportPublicKey, fingerprint, type PublicKeyFormats, type PublicKeyInput } from './public-key.ts';
export { type SafetyNumberParty, safetyNumber } from './safety-number.ts';
export {
  changePassword,
  createSerializedKeys,
  needsRehash,
  type SerializedKeys,
  upgradeKey,
} from './serialized-keys.ts';
export { derToP1363, p1363ToDer, type SignatureEncoding } from './signature-encoding.ts';
export { SignatureError, type SignatureErrorCode } from './signature-error.ts';
export { generateSigner, type Signer, unlockSigner } from './signer.ts';
export { importVerifier, type Verifier } from './verifier.ts';
