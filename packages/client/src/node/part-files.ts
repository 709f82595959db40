/**
 * The files of a state's parts, in a folder beside the sealed file: each a Fernet token of its own name and the part, so that none can
 * stand in for another one. A file is written once, under a random name, and never changed.
 */
import { hkdfSync } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { filesIn, makeDirectorySynced, readIfThere, removeSynced, writeAtomically } from '@chat/durable-files';
import { Fernet } from '@chat/fernet';
import type { StoredPart } from '../storage/stored-parts.ts';

/** The names of parts, and of drafts of them. What else is in the folder is not the client's, and stays. */
const partName = /^[0-9a-f]{32}(\.new)?$/;

/** Thrown for a part whose file is not there. */
export class MissingPart extends Error {
  /** The name of the class. */
  override readonly name = 'MissingPart';
}

/** The parts of one sealed file. */
export class PartFiles {
  readonly #directory: string;
  readonly #fernet: Fernet;
  /** The files in the folder; null before the first look. */
  #present: Set<string> | null = null;

  /**
   * @param path that of the sealed file
   * @param secret the secret of the profile's key file
   */
  constructor(path: string, secret: Uint8Array) {
    this.#directory = join(dirname(path), 'parts');
    this.#fernet = new Fernet(Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'chat/1 state part', 32)));
  }

  /** Writes a new part. Resolves when it would survive a crash. */
  async write({ file, value }: StoredPart): Promise<void> {
    const present = await this.#list();
    await makeDirectorySynced(this.#directory);
    present.add(file);
    // A megabyte for a room of thousands: its text and its encryption are a turn of the event loop each.
    const text = `${file}\n${JSON.stringify(value)}`;
    await nextTurn();
    const token = this.#fernet.encrypt(text);
    await nextTurn();
    await writeAtomically(join(this.#directory, file), token);
  }

  /**
   * Reads a part, as `JSON.parse` makes it.
   *
   * @throws MissingPart
   * @throws InvalidToken, SyntaxError when the file is damaged, or that of another part
   */
  async read(file: string): Promise<unknown> {
    const token = await readIfThere(join(this.#directory, file));
    if (token === null) throw new MissingPart(`The part ${file} of the profile is missing.`);
    const content = this.#fernet.decryptText(token);
    if (content.slice(0, file.length + 1) !== `${file}\n`) throw new SyntaxError('That is the file of another part.');
    return JSON.parse(content.slice(file.length + 1));
  }

  /**
   * Erases all parts except these: those of before, and what a crash has left. Resolves when that would survive a crash.
   *
   * @throws the error of the system for a part that cannot be erased: it has secrets of before
   */
  async removeOthers(kept: ReadonlySet<string>): Promise<void> {
    const present = await this.#list();
    const others = [...present].filter((name) => !kept.has(name));
    await removeSynced(this.#directory, others);
    for (const name of others) present.delete(name);
  }

  async #list(): Promise<Set<string>> {
    this.#present ??= new Set((await filesIn(this.#directory)).filter((name) => partName.test(name)));
    return this.#present;
  }
}
