/**
 * A `Vault` in one file: a Fernet token under a key that is derived from the secret of the profile's key file, so that a start derives
 * one key from the password. The file is always written as a whole and replaced in one step. A file that cannot be decrypted is
 * reported and left as it is.
 */
import { hkdfSync, randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeAtomically } from '@chat/durable-files';
import { Fernet, InvalidToken } from '@chat/fernet';
import { codeOf, fromBase64url, toBase64url } from '@chat/protocol';
import { z } from 'zod';
import { ClientError } from '../errors.ts';
import { parseStored, type Stored, type Vault } from '../storage/stored-state.ts';

/** What opens the file. */
export interface ProfileSecret {
  /** The `secret` of `unlockKeyFile`. */
  readonly secret: Uint8Array;
  /** For a file that an earlier version wrote, which has a key from the password alone. */
  readonly password: string;
}

/** The token contains the key of the archive in base64url, a line feed, and the state as JSON. */
const sealedFile = z.strictObject({ v: z.literal(2), token: z.string() });

const keyBytes = 32;

const sealingKey = (secret: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'chat/1 state', keyBytes));

/** The cost of the file of an earlier version. */
const scryptCost = { N: 2 ** 15, r: 8, p: 1 };

const earlierFile = z.strictObject({
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

function deriveEarlierKey(password: string, salt: Uint8Array): Promise<Buffer> {
  const options: ScryptOptions = { ...scryptCost, maxmem: 256 * scryptCost.N * scryptCost.r };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, keyBytes, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

class SealedFile implements Vault {
  readonly #path: string;
  readonly #fernet: Fernet;
  readonly #archiveKey: Uint8Array;
  #next: Stored | null = null;
  #writing: Promise<void> | null = null;

  constructor(path: string, key: Uint8Array, archiveKey: Uint8Array) {
    this.#path = path;
    this.#fernet = new Fernet(key);
    this.#archiveKey = archiveKey;
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
    const content = `${toBase64url(this.#archiveKey)}\n${JSON.stringify(stored)}`;
    const file: z.infer<typeof sealedFile> = { v: 2, token: this.#fernet.encrypt(content) };
    await writeAtomically(this.#path, `${JSON.stringify(file)}\n`);
  }
}

/** A sealed file that is open. */
export interface OpenSealedFile {
  readonly vault: Vault;
  /** Secret of 32 bytes for the profile's archive, which the file contains. */
  readonly archiveKey: Uint8Array;
}

function openFile(path: string, secret: Uint8Array, archiveKey: Uint8Array): OpenSealedFile {
  return { vault: new SealedFile(path, sealingKey(secret), archiveKey), archiveKey };
}

/** Creates the file with this state. */
export async function createSealedFile(path: string, secret: Uint8Array, stored: Stored): Promise<OpenSealedFile> {
  const file = openFile(path, secret, randomBytes(keyBytes));
  await file.vault.save(stored);
  return file;
}

interface Opened {
  readonly archiveKey: Uint8Array;
  /** The state as JSON. */
  readonly text: string;
}

/** Opens a file of an earlier version. The next save writes it in the present form, with the archive's key as it was. */
async function openEarlier({ salt, token }: z.infer<typeof earlierFile>, password: string): Promise<Opened> {
  const bytes = fromBase64url(salt);
  const key = await deriveEarlierKey(password, bytes);
  const archiveKey = Buffer.from(hkdfSync('sha256', key, bytes, 'chat/1 archive', keyBytes));
  return { archiveKey, text: new Fernet(key).decryptText(token) };
}

function openToken(token: string, secret: Uint8Array): Opened {
  const content = new Fernet(sealingKey(secret)).decryptText(token);
  const end = content.indexOf('\n');
  return { archiveKey: fromBase64url(content.slice(0, end)), text: content.slice(end + 1) };
}

/**
 * Opens the file.
 *
 * @throws ClientError `profile-damaged` if the file is missing, has another format, or is not encrypted under this secret;
 * `profile-outdated` if an earlier version wrote it
 */
export async function openSealedFile(
  path: string,
  { secret, password }: ProfileSecret,
): Promise<OpenSealedFile & { readonly stored: Stored }> {
  const damaged = (cause?: unknown) =>
    new ClientError(
      'profile-damaged',
      `The file ${path} is missing or damaged, or belongs to another identity.pem. Restore both from one backup; it was left as it is.`,
      { cause },
    );
  const outdated = () =>
    new ClientError(
      'profile-outdated',
      `An earlier development version wrote the file ${path}; this version cannot read it. It was left as it is: use another home directory or another user name.`,
    );
  try {
    const file = z.union([sealedFile, earlierFile]).parse(JSON.parse(await readFile(path, 'utf8')));
    const { archiveKey, text } = file.v === 1 ? await openEarlier(file, password) : openToken(file.token, secret);
    const stored = parseStored(text);
    if (stored === 'damaged') throw damaged();
    if (stored === 'outdated') throw outdated();
    return { ...openFile(path, secret, archiveKey), stored };
  } catch (error) {
    if (error instanceof ClientError) throw error;
    if (error instanceof InvalidToken || error instanceof SyntaxError || error instanceof z.ZodError)
      throw damaged(error);
    if (codeOf(error) === 'ENOENT') throw damaged(error);
    throw error;
  }
}
