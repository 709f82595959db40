/** The two forms in which callers hold tokens: text, as the specification has it, and the same bytes without the base64. */
import { backend } from '#backend';
import { tokenBytes, tokenText } from './input.ts';

export interface TokenForm<Token> {
  write(bytes: Uint8Array): Token;

  /** Undefined when it does not stand for bytes at all. Throws `invalid-argument` for what is not even of the right type. */
  read(token: unknown): Uint8Array | undefined;
}

/** Padded base64url. */
export const textForm: TokenForm<string> = {
  write: (bytes) => backend.encodeBase64url(bytes),
  read: (token) => backend.decodeBase64url(tokenText(token)),
};

export const rawForm: TokenForm<Uint8Array> = {
  write: (bytes) => bytes,
  read: tokenBytes,
};
