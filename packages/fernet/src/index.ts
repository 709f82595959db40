/** Fernet: authenticated symmetric encryption with a timestamp, in tokens that go anywhere text goes. */
export { FernetError, type FernetErrorCode, InvalidToken } from './errors.ts';
export { Fernet, type RawFernet } from './fernet.ts';
export { encryptFromParts } from './from-parts.ts';
export { MultiFernet, type RawMultiFernet } from './multi-fernet.ts';
export { deriveKey, generateSalt } from './password-key.ts';
export { decryptStream, encryptStream, type StreamCipher } from './stream/streams.ts';
export type { DecryptAtTimeOptions, DecryptOptions } from './token-cipher.ts';
