/** Fernet: authenticated symmetric encryption with a timestamp, in tokens of plain text. */
export { FernetError, type FernetErrorCode, InvalidToken } from './errors.ts';
export { Fernet, type RawFernet } from './fernet.ts';
export { deriveKey, generateSalt } from './keys/password-key.ts';
export { MultiFernet, type RawMultiFernet } from './multi-fernet.ts';
export { decryptStream, encryptStream, type StreamCipher } from './stream/streams.ts';
export { encryptFromParts } from './token/from-parts.ts';
export type { DecryptAtTimeOptions, DecryptOptions, TokenCipher } from './token/token-cipher.ts';
