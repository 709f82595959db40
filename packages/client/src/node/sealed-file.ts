/**
 * A `Vault` in one file: a Fernet token under a key that is derived from the secret of the profile's key file, so that a start derives
 * one key from the password. The file is always written as a whole and replaced in one step. In large rooms it refers to parts in
 * files of their own, which are on the disk before it, and are erased once it does not refer to them any more. A file that cannot be
 * decrypted is reported and left as it is.
 */
import { hkdfSync, randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeAtomically } from '@chat/durable-files';
import { Fernet, InvalidToken } from '@chat/fernet';
import { codeOf, fromBase64url, toBase64url } from '@chat/protocol';
import { z } from 'zod';
import { ClientError } from '../errors.ts';
import { joinState, type StoredParts, splitState } from '../storage/stored-parts.ts';
import { readStored, type Stored, type Vault } from '../storage/stored-state.ts';
import { MissingPart, PartFiles } from './part-files.ts';

/** What opens the file. */
export interface ProfileSecret {
  /** The `secret` of `unlockKeyFile`. */
  readonly secret: Uint8Array;
  /** For a file that an earlier version wrote, which has a key from the password alone. */
  readonly password: string;
}

/**
 * The token contains the key of the archive in base64url, a line feed, and the state as JSON: in version 2 all of it, in version 3
 * without its parts, in version 4 without the messages, of which it names the files.
 */
const sealedFile = z.strictObject({ v: z.literal([2, 3, 4]), token: z.string() });

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
  readonly #files: PartFiles;
  /** True while another file refers to parts of the same folder. */
  #keepsOthers: boolean;
  /** The parts that are on the disk, whether or not the file there refers to them. */
  #parts: StoredParts;
  #next: Stored | null = null;
  #writing: Promise<void> | null = null;

  constructor(
    path: string,
    secret: Uint8Array,
    { archiveKey, parts, keepsOthers }: Omit<Opened, 'state'> & { readonly keepsOthers: boolean },
  ) {
    this.#keepsOthers = keepsOthers;
    this.#path = path;
    this.#fernet = new Fernet(sealingKey(secret));
    this.#archiveKey = archiveKey;
    this.#files = new PartFiles(path, secret);
    this.#parts = parts;
  }

  save(stored: Stored): Promise<void> {
    this.#next = stored;
    // A write that has begun has an older state: one more write after it takes the newest.
    this.#writing ??= nextTurn().then(() => this.#writeNewest());
    return this.#writing;
  }

  async close(): Promise<void> {
    await this.#writing;
  }

  async eraseOthers(): Promise<void> {
    await this.#writing;
    this.#keepsOthers = false;
    await this.#removeOthers();
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
    const { root, parts } = splitState(stored, this.#parts, () => randomBytes(16).toString('hex'));
    const content = `${toBase64url(this.#archiveKey)}\n${JSON.stringify(root)}`;
    for (const [place, part] of parts) {
      if (this.#parts.get(place)?.file === part.file) continue;
      await this.#files.write(part);
      // If a later step fails, the next save need not write this part again. The one before stays until the file is written.
      this.#parts = new Map(this.#parts).set(place, part);
    }
    const file: z.infer<typeof sealedFile> = { v: 4, token: this.#fernet.encrypt(content) };
    await writeAtomically(this.#path, `${JSON.stringify(file)}\n`);
    this.#parts = parts;
    if (!this.#keepsOthers) await this.#removeOthers();
  }

  #removeOthers(): Promise<void> {
    return this.#files.removeOthers(new Set([...this.#parts.values()].map(({ file }) => file)));
  }
}

/** A sealed file that is open. */
export interface OpenSealedFile {
  readonly vault: Vault;
  /** Secret of 32 bytes for the profile's archive, which the file contains. */
  readonly archiveKey: Uint8Array;
  /** Erases all parts to which this file does not refer. Resolves when that would survive a crash. */
  readonly eraseOthers: () => Promise<void>;
}

interface Opened {
  readonly archiveKey: Uint8Array;
  /** The state for `readStored`. */
  readonly state: unknown;
  /** The parts of the state that have files. */
  readonly parts: StoredParts;
}

/** @param keepsOthers true to erase no parts, because another file refers to them */
function openFile(
  path: string,
  secret: Uint8Array,
  opened: Omit<Opened, 'state'>,
  keepsOthers = false,
): OpenSealedFile {
  const vault = new SealedFile(path, secret, { ...opened, keepsOthers });
  return { vault, archiveKey: opened.archiveKey, eraseOthers: () => vault.eraseOthers() };
}

/**
 * Creates the file with this state. Default of `archiveKey`: a new one. With one that another file has, the parts of that file stay until
 * `eraseOthers` is called.
 */
export async function createSealedFile(
  path: string,
  secret: Uint8Array,
  stored: Stored,
  archiveKey?: Uint8Array,
): Promise<OpenSealedFile> {
  const opened = { archiveKey: archiveKey ?? randomBytes(keyBytes), parts: new Map() };
  const file = openFile(path, secret, opened, archiveKey !== undefined);
  await file.vault.save(stored);
  return file;
}

/** Opens a file of an earlier version. The next save writes it in the present form, with the archive's key as it was. */
async function openEarlier({ salt, token }: z.infer<typeof earlierFile>, password: string): Promise<Opened> {
  const bytes = fromBase64url(salt);
  const key = await deriveEarlierKey(password, bytes);
  const archiveKey = Buffer.from(hkdfSync('sha256', key, bytes, 'chat/1 archive', keyBytes));
  return { archiveKey, state: JSON.parse(new Fernet(key).decryptText(token)), parts: new Map() };
}

async function openToken(token: string, secret: Uint8Array, files: PartFiles): Promise<Opened> {
  const content = new Fernet(sealingKey(secret)).decryptText(token);
  const end = content.indexOf('\n');
  const joined = await joinState(JSON.parse(content.slice(end + 1)), (file) => files.read(file));
  return { archiveKey: fromBase64url(content.slice(0, end)), ...joined };
}

/**
 * Opens the text of a sealed file. Without a lock, a client may replace a part between the two readings: then the file has another
 * text, which is opened in place of this one.
 */
async function openText(path: string, text: string, { secret, password }: ProfileSecret): Promise<Opened> {
  const file = z.union([sealedFile, earlierFile]).parse(JSON.parse(text));
  try {
    return file.v === 1
      ? await openEarlier(file, password)
      : await openToken(file.token, secret, new PartFiles(path, secret));
  } catch (error) {
    const now = error instanceof MissingPart ? await readFile(path, 'utf8') : text;
    if (now === text) throw error;
    return openText(path, now, { secret, password });
  }
}

/** The errors that a damaged file, or a part that is damaged or missing, leads to. */
const damages = [InvalidToken, SyntaxError, z.ZodError, MissingPart] as const;

/**
 * Opens the file. Changes nothing: what a crash has left of parts is erased by the first save.
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
    const { state, ...opened } = await openText(path, await readFile(path, 'utf8'), { secret, password });
    const stored = readStored(state);
    if (stored === 'damaged') throw damaged();
    if (stored === 'outdated') throw outdated();
    return { ...openFile(path, secret, opened), stored };
  } catch (error) {
    if (error instanceof ClientError) throw error;
    if (damages.some((kind) => error instanceof kind) || codeOf(error) === 'ENOENT') throw damaged(error);
    throw error;
  }
}
