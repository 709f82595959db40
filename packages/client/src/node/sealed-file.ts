/**
 * A `Vault` in one file: a Fernet token under a key that scrypt derives from the password. The file is always written as a whole and
 * replaced in one step. A file that cannot be decrypted is reported and left as it is.
 */
import { hkdfSync, randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeAtomically } from '@chat/durable-files';
import { Fernet, InvalidToken } from '@chat/fernet';
import { fromBase64url, toBase64url } from '@chat/protocol';
import { z } from 'zod';
import { ClientError } from '../errors.ts';
import { parseStored, type Stored, type Vault } from '../storage/stored-state.ts';

/** Each guess at the password costs 32 MiB and about 80 ms. */
const scryptCost = { N: 2 ** 15, r: 8, p: 1 };

const sealedFile = z.strictObject({
  v: z.literal(1),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    N: z.literal(scryptCost.N),
    r: z.literal(scryptCost.r),
    p: z.literal(scryptCost.p),
  }),
  salt: z.base64url(),
  token: z.string(),
});

function deriveKey(password: string, salt: Uint8Array): Promise<Buffer> {
  const options: ScryptOptions = { ...scryptCost, maxmem: 256 * scryptCost.N * scryptCost.r };
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
    // A write that has begun has an older state: one more write after it takes the newest.
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
    const content: z.infer<typeof sealedFile> = {
      v: 1,
      kdf: { name: 'scrypt', ...scryptCost },
      salt: toBase64url(this.#salt),
      token: this.#fernet.encrypt(JSON.stringify(stored)),
    };
    await writeAtomically(this.#path, `${JSON.stringify(content)}\n`);
  }
}

/** A sealed file that is open. */
export interface OpenSealedFile {
  readonly vault: Vault;
  /** Secret of 32 bytes for the profile's archive, derived from the key of this file. */
  readonly archiveKey: Uint8Array;
}

const openFile = (path: string, salt: Uint8Array, key: Uint8Array): OpenSealedFile => ({
  vault: new SealedFile(path, salt, key),
  archiveKey: Buffer.from(hkdfSync('sha256', key, salt, 'chat/1 archive', 32)),
});

/** Creates the file with this state. */
export async function createSealedFile(path: string, password: string, stored: Stored): Promise<OpenSealedFile> {
  const salt = randomBytes(16);
  const file = openFile(path, salt, await deriveKey(password, salt));
  await file.vault.save(stored);
  return file;
}

/**
 * Opens the file.
 *
 * @throws ClientError `profile-damaged` if the file is missing, has another format, or is not encrypted under this password;
 * `profile-outdated` if an earlier version wrote it
 */
export async function openSealedFile(
  path: string,
  password: string,
): Promise<OpenSealedFile & { readonly stored: Stored }> {
  const damaged = (cause?: unknown) =>
    new ClientError(
      'profile-damaged',
      `The file ${path} is missing or damaged. Restore it from a backup; it was left as it is.`,
      { cause },
    );
  const outdated = () =>
    new ClientError(
      'profile-outdated',
      `An earlier development version wrote the file ${path}; this version cannot read it. It was left as it is: use another home directory or another user name.`,
    );
  try {
    const { salt, token } = sealedFile.parse(JSON.parse(await readFile(path, 'utf8')));
    const bytes = fromBase64url(salt);
    const key = await deriveKey(password, bytes);
    const stored = parseStored(new Fernet(key).decryptText(token));
    if (stored === 'damaged') throw damaged();
    if (stored === 'outdated') throw outdated();
    return { ...openFile(path, bytes, key), stored };
  } catch (error) {
    if (error instanceof ClientError) throw error;
    if (error instanceof InvalidToken || error instanceof SyntaxError || error instanceof z.ZodError)
      throw damaged(error);
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw damaged(error);
    throw error;
  }
}
