/** The two forms in which callers hold tokens: text, as the specification has it, and the same bytes without the base64. */
import { backend } from '#backend';
import { tokenBytes, tokenText } from '../input.ts';
import { type Allocate, ownMemory } from './seal.ts';

export interface TokenForm<Token> {
  /** Memory for the bytes that `write` is to be given. */
  readonly allocate: Allocate;

  write(bytes: Uint8Array): Token;

  /** Undefined when it does not stand for bytes at all. Throws `invalid-argument` for what is not even of the right type. */
  read(token: unknown): Uint8Array | undefined;
}

/** Padded base64url. */
export const textForm: TokenForm<string> = {
  allocate: backend.allocate,
  write: (bytes) => backend.encodeBase64url(bytes),
  read: (token) => backend.decodeBase64url(tokenText(token)),
};

export const rawForm: TokenForm<Uint8Array> = {
  allocate: ownMemory,
  write: (bytes) => bytes,
  read: tokenBytes,
};
