/** @chat/signatures: ECDSA P-384 with SHA-256, keys under a password, and signatures that say what they are for. */
export { signMessage, verifyMessage } from './challenge.ts';
export { type Domain, domainSeparated } from './domain.ts';
export { createSignature, verifySignature } from './plain-signature.ts';
export { changePassword, createSerializedKeys, encryptPrivateKey, type SerializedKeys } from './serialized-keys.ts';
export { SignatureError, type SignatureErrorCode } from './signature-error.ts';
export { generateSigner, type Signer, unlockSigner } from './signer.ts';
export { fingerprint, importVerifier, type Verifier } from './verifier.ts';
