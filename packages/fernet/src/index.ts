/** Fernet: authenticated symmetric encryption with a timestamp, in tokens that go anywhere text goes. */
export { FernetError, type FernetErrorCode, InvalidToken } from './errors.ts';
export { Fernet } from './fernet.ts';
export { encryptFromParts } from './from-parts.ts';
export { MultiFernet } from './multi-fernet.ts';
export type { DecryptAtTimeOptions, DecryptOptions, TokenCipher } from './token-cipher.ts';
