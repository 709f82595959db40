/**
 * A `Vault` in one file: a Fernet token under a key that scrypt makes of the password. Written whole each time, never
 * changed in place; a file that does not open is reported and left as it is.
 */
import { randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeAtomically } from '@chat/durable-files';
import { Fernet, InvalidToken } from '@chat/fernet';
import { fromBase64url, toBase64url } from '@chat/protocol';
import { z } from 'zod';
import { ClientError } from '../errors.ts';
import { parseStored, type Stored, type Vault } from '../storage/stored-state.ts';

/** 32 MiB and some 80 ms for each guess at the password. */
const cost = { N: 2 ** 15, r: 8, p: 1 };

const sealed = z.strictObject({
  v: z.literal(1),
  kdf: z.strictObject({ name: z.literal('scrypt'), N: z.literal(cost.N), r: z.literal(cost.r), p: z.literal(cost.p) }),
  salt: z.base64url(),
  token: z.string(),
});

function deriveKey(password: string, salt: Uint8Array): Promise<Buffer> {
  const options: ScryptOptions = { ...cost, maxmem: 256 * cost.N * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

class SealedFile implements Vault {
  readonly #path: string;
  readonly #salt: Uint8Array;
  readonly #fernet: Fernet;
  #next: Stored | null = null;
  #writing: Promise<void> | null = null;

  constructor(path: string, salt: Uint8Array, key: Uint8Array) {
    this.#path = path;
    this.#salt = salt;
    this.#fernet = new Fernet(key);
  }

  save(stored: Stored): Promise<void> {
    this.#next = stored;
    // A write that has begun holds an older state: wait for it, then one more write takes the newest.
    this.#writing ??= Promise.resolve().then(() => this.#writeNewest());
    return this.#writing;
  }

  async close(): Promise<void> {
    await this.#writing;
  }

  async #writeNewest(): Promise<void> {
    try {
      while (this.#next !== null) {
        const stored = this.#next;
        this.#next = null;
        await this.#write(stored);
      }
    } finally {
      this.#writing = null;
    }
  }

  async #write(stored: Stored): Promise<void> {
    const content: z.infer<typeof sealed> = {
      v: 1,
      kdf: { name: 'scrypt', ...cost },
      salt: toBase64url(this.#salt),
      token: this.#fernet.encrypt(JSON.stringify(stored)),
    };
    await writeAtomically(this.#path, `${JSON.stringify(content)}\n`);
  }
}

/** A new file with this content. */
export async function createSealedFile(path: string, password: string, stored: Stored): Promise<Vault> {
  const salt = randomBytes(16);
  const vault = new SealedFile(path, salt, await deriveKey(password, salt));
  await vault.save(stored);
  return vault;
}

/**
 * Throws `profile-damaged` when the file is missing, is not one of these, or does not open with the password;
 * `profile-outdated` when it is of an earlier version.
 */
export async function openSealedFile(path: string, password: string): Promise<{ vault: Vault; stored: Stored }> {
  const damaged = (cause?: unknown) =>
    new ClientError(
      'profile-damaged',
      `The file ${path} is missing or damaged. Put it back from a backup; it was left as it is.`,
      { cause },
    );
  const outdated = () =>
    new ClientError(
      'profile-outdated',
      `The file ${path} is of an earlier development version, which this one does not read. It was left as it is; use another home directory or another name.`,
    );
  try {
    const { salt, token } = sealed.parse(JSON.parse(await readFile(path, 'utf8')));
    const bytes = fromBase64url(salt);
    const key = await deriveKey(password, bytes);
    const stored = parseStored(new Fernet(key).decryptText(token));
    if (stored === 'damaged') throw damaged();
    if (stored === 'outdated') throw outdated();
    return { vault: new SealedFile(path, bytes, key), stored };
  } catch (error) {
    if (error instanceof ClientError) throw error;
    if (error instanceof InvalidToken || error instanceof SyntaxError || error instanceof z.ZodError)
      throw damaged(error);
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw damaged(error);
    throw error;
  }
}
