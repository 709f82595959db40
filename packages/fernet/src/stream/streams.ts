/** Encrypts and decrypts web streams (WHATWG Streams) of any length, in the format of FORMAT.md. */
import { backend } from '#backend';
import type { Fernet } from '../fernet.ts';
import { requirePiece } from '../input.ts';
import { importKey } from '../keys/key.ts';
import type { MultiFernet } from '../multi-fernet.ts';
import { IvPool } from '../token/iv-pool.ts';
import { Keyring } from '../token/keyring.ts';
import { keyringOf } from '../token/token-cipher.ts';
import { saltBytes, serialiseHeader, streamKeyInfo } from './header.ts';
import { StreamOpener } from './opener.ts';
import { StreamSealer } from './sealer.ts';

/** The key of a stream: a Fernet key in either form, a `Fernet`, or a `MultiFernet`. */
export type StreamCipher = Fernet | MultiFernet | string | Uint8Array;

/**
 * Returns a stream that encrypts data of any length in chunks of 64 KiB. It holds one chunk in memory, and the output of the
 * latest write, so callers should write pieces of moderate size. The encrypted stream is longer than its data by 40 bytes, and
 * by up to 73 bytes for each chunk.
 *
 * @param cipher a Fernet key (44 characters, or 32 bytes), a `Fernet`, or a `MultiFernet`, whose first key encrypts
 * @returns a stream that takes and gives `Uint8Array`s; it fails with FernetError `invalid-argument` for any other value
 * @throws FernetError `invalid-key`, `invalid-argument`
 */
export function encryptStream(cipher: StreamCipher): TransformStream<Uint8Array, Uint8Array> {
  const keyring = keyringFrom(cipher);
  const salt = backend.randomBytes(saltBytes);
  const ivs = new IvPool(backend.randomBytes);
  const sealer = new StreamSealer(keyring.deriveFirst(salt, streamKeyInfo), () => ivs.next());
  return new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(serialiseHeader(salt)),
    transform(piece, controller) {
      for (const chunk of sealer.push(requirePiece(piece))) controller.enqueue(chunk);
    },
    flush: (controller) => controller.enqueue(sealer.end()),
  });
}

/**
 * Returns a stream that decrypts the output of `encryptStream`. It releases the data of each chunk after it has authenticated the
 * chunk and its position, and takes as much memory as `encryptStream`. **The data are complete only when the stream ends without
 * an error**: until then they are an authentic beginning, which may have been truncated.
 *
 * @param cipher a Fernet key (44 characters, or 32 bytes), a `Fernet`, or a `MultiFernet`, any of whose keys may decrypt
 * @returns a stream that takes and gives `Uint8Array`s; it fails with InvalidToken (`invalid-token`) when its input is damaged,
 *   truncated, combined from several streams, or made with another key
 * @throws FernetError `invalid-key`, `invalid-argument`
 */
export function decryptStream(cipher: StreamCipher): TransformStream<Uint8Array, Uint8Array> {
  const keyring = keyringFrom(cipher);
  const opener = new StreamOpener((salt) => keyring.deriveAll(salt, streamKeyInfo));
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      for (const data of opener.push(requirePiece(piece))) controller.enqueue(data);
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
