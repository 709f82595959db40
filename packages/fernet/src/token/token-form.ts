/** The two forms of a token: text, as the specification defines it, and raw, the same bytes without the base64url. */
import { backend } from '#backend';
import { requireRawToken, requireTokenText } from '../input.ts';
import { type Allocate, ownMemory } from './seal.ts';

/** Converts tokens between their bytes and one form. */
export interface TokenForm<Token> {
  /** Allocates the bytes that `write` receives. */
  readonly allocate: Allocate;

  /** Returns the token with these bytes. */
  write(bytes: Uint8Array): Token;

  /**
   * Returns the bytes of a token; null when it is not the encoding of any bytes.
   *
   * @throws FernetError `invalid-argument` for a wrong type
   */
  read(token: unknown): Uint8Array | null;
}

/** Padded base64url. */
export const textForm: TokenForm<string> = {
  allocate: backend.allocate,
  write: (bytes) => backend.encodeBase64url(bytes),
  read: (token) => backend.decodeBase64url(requireTokenText(token)),
};

/** Bytes. */
export const rawForm: TokenForm<Uint8Array> = {
  allocate: ownMemory,
  write: (bytes) => bytes,
  read: requireRawToken,
};
