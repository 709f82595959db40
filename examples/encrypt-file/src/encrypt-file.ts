/** Encrypts a file of any length under a password, and decrypts it. The first 16 bytes of an encrypted file are the salt. */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import type { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import { decryptStream, deriveKey, encryptStream, Fernet, generateSalt, InvalidToken } from '@chat/fernet';

const saltBytes = 16;

async function readSalt(path: string): Promise<Uint8Array> {
  await using file = await open(path);
  const { buffer } = await file.read(new Uint8Array(saltBytes), 0, saltBytes, 0);
  return buffer;
}

/** Writes to a file beside `target` first: what a stream gives before its end may be cut short, so it gets its name at the end. */
async function convert(source: ReadableStream, by: TransformStream, target: string, start: Uint8Array): Promise<void> {
  const partial = `${target}.partial`;
  const output = createWriteStream(partial, { mode: 0o600 });
  try {
    if (start.length > 0) output.write(start);
    await source.pipeThrough(by).pipeTo(Writable.toWeb(output) as WritableStream);
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function encrypt(source: string, target: string, password: string): Promise<void> {
  const salt = generateSalt();
  const fernet = new Fernet(await deriveKey(password, salt));
  await convert(Readable.toWeb(createReadStream(source)), encryptStream(fernet), target, salt);
}

async function decrypt(source: string, target: string, password: string): Promise<void> {
  const fernet = new Fernet(await deriveKey(password, await readSalt(source)));
  const input = Readable.toWeb(createReadStream(source, { start: saltBytes }));
  await convert(input, decryptStream(fernet), target, new Uint8Array());
}

const [command, source, target] = process.argv.slice(2);
const password = process.env['FILE_PASSWORD'];
const run = command === 'encrypt' ? encrypt : command === 'decrypt' ? decrypt : null;
if (run === null || source === undefined || target === undefined || password === undefined) {
  console.error('Usage: FILE_PASSWORD=... encrypt-file encrypt|decrypt SOURCE TARGET');
  process.exitCode = 2;
} else {
  try {
    await run(source, target, password);
  } catch (error) {
    if (!(error instanceof InvalidToken)) throw error;
    console.error(`${source} cannot be decrypted: the password is wrong, or the file is damaged.`);
    process.exitCode = 1;
  }
}
