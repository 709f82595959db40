/** Streams of any length as web streams (WHATWG Streams). The format is this library's own: FORMAT.md. */
import { backend } from '#backend';
import type { Fernet } from '../fernet.ts';
import { pieceBytes } from '../input.ts';
import { importKey } from '../keys/key.ts';
import type { MultiFernet } from '../multi-fernet.ts';
import { IvPool } from '../token/iv-pool.ts';
import { Keyring } from '../token/keyring.ts';
import { keyringOf } from '../token/token-cipher.ts';
import { SALT_LENGTH, serialiseHeader } from './header.ts';
import { StreamOpener } from './opener.ts';
import { StreamSealer } from './sealer.ts';

/** Whose key a stream is under: a Fernet key in either of its forms, or what was made from one. */
export type StreamCipher = Fernet | MultiFernet | string | Uint8Array;

/**
 * Encrypts what is written to it. Data of any length go through in chunks of 64 KiB. One chunk is held in memory, and what the
 * latest write became: write pieces of moderate size. The stream is longer than its data by 40 bytes, and up to 73 for each chunk.
 *
 * @param cipher a Fernet key (44 characters, or 32 bytes), a `Fernet`, or a `MultiFernet`, whose first key it is then under
 * @throws FernetError `invalid-key`, `invalid-argument`; the stream fails with `invalid-argument` when it is given anything but
 *   a `Uint8Array`
 */
export function encryptStream(cipher: StreamCipher): TransformStream<Uint8Array, Uint8Array> {
  const keyring = keyringFrom(cipher);
  const salt = backend.randomBytes(SALT_LENGTH);
  const ivs = new IvPool(backend.randomBytes);
  const sealer = new StreamSealer(keyring.streamKey(salt), () => ivs.next());
  return new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(serialiseHeader(salt)),
    transform(piece, controller) {
      for (const chunk of sealer.push(pieceBytes(piece))) controller.enqueue(chunk);
    },
    flush: (controller) => controller.enqueue(sealer.end()),
  });
}

/**
 * Decrypts a stream that `encryptStream` made. Data come out chunk by chunk, each after it has been authenticated in its
 * place; memory is as for `encryptStream`. **Only when the stream ends without an error has all of it been there**: until then, what
 * has come out is a true beginning of the data, and may be cut short.
 *
 * @param cipher a Fernet key (44 characters, or 32 bytes), a `Fernet`, or a `MultiFernet`, of whose keys any will do
 * @throws FernetError `invalid-key`, `invalid-argument`; the stream fails with InvalidToken (`invalid-token`) when it is
 *   damaged, cut short, put together from others, or for another key
 */
export function decryptStream(cipher: StreamCipher): TransformStream<Uint8Array, Uint8Array> {
  const keyring = keyringFrom(cipher);
  const opener = new StreamOpener((salt) => keyring.streamKeys(salt));
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      for (const data of opener.push(pieceBytes(piece))) controller.enqueue(data);
    },
    flush(controller) {
      const data = opener.end();
      if (data.length > 0) controller.enqueue(data);
    },
  });
}

function keyringFrom(cipher: unknown): Keyring {
  const isKey = typeof cipher === 'string' || cipher instanceof Uint8Array;
  return isKey ? new Keyring(importKey(cipher)) : keyringOf(cipher);
}
