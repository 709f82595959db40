/** Exports a profile into one encrypted file, and closes it here: it is in use at one place only. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { syncDirectory } from '@chat/durable-files';
import { codeOf } from '@chat/protocol';
import { ClientError } from '../../errors.ts';
import { locked, type ProfileSummary } from '../profile-files.ts';
import { openFiles } from '../profile-key.ts';
import { profilePaths } from '../profile-paths.ts';
import { systemScheduler } from '../scheduler.ts';
import { type ExportedFile, type ExportHead, exportBytes, headOf, readExport } from './export-format.ts';
import { exportedFiles } from './exported-files.ts';
import { fence, liftFence } from './fence.ts';

const exists = (path: string): ClientError =>
  new ClientError('file-exists', `There is a file ${path} already, and an export replaces none: name another one.`);

/** Creates a file of mode 0600 that does not exist yet. */
async function create(path: string, target: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx+', 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw exists(target);
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new ClientError('no-folder', `There is no folder ${dirname(target)}: create it, or name another file.`, {
      cause: error,
    });
  }
}

/** What opens an export. */
interface ExportKey {
  readonly head: ExportHead;
  readonly secret: Uint8Array;
}

const notStored = (target: string, cause?: unknown): ClientError =>
  new ClientError(
    'export-damaged',
    `The disk has not stored all of the export, so there is none, and the profile is as it was: free some space in ${dirname(target)}, or name a file on another disk.`,
    { cause },
  );

/** Reads an export back: that something is not in the file must be found while the profile is open here. */
async function verify(file: FileHandle, files: readonly ExportedFile[], key: ExportKey): Promise<boolean> {
  const found: ExportedFile[] = [];
  await readExport(file, key, async (path, content) => {
    let bytes = 0;
    for await (const piece of content) bytes += piece.length;
    found.push({ path, bytes });
  });
  return JSON.stringify(found) === JSON.stringify(files);
}

/** Writes the file of an export, and syncs it. */
async function write(path: string, target: string, { directory, key }: { directory: string; key: ExportKey }) {
  await using output = await create(path, target);
  const files = await exportedFiles(directory);
  for await (const piece of exportBytes(directory, files, key)) await output.writeFile(piece);
  await output.sync();
  const isWhole = await verify(output, files, key).catch((cause: unknown) => {
    throw notStored(target, cause);
  });
  if (!isWhole) throw notStored(target);
}

/** The draft of an export: the same for each one of this profile to this file, so the next one replaces what a crash has left. */
const draftOf = (target: string, directory: string): string =>
  `${target}.${createHash('sha256').update(resolve(directory)).digest('hex').slice(0, 8)}.new`;

/** A file with a whole profile. */
export interface Exported {
  /** Its absolute path. */
  readonly file: string;
  /** False if the system has not confirmed that its name would survive a power cut. Then it may be there as `FILE.*.new`. */
  readonly isSynced: boolean;
}

/** The steps of an export that have to be undone after a failure. */
class Publication {
  readonly #draft: string;
  readonly #target: string;
  readonly #directory: string;
  #isReserved = false;

  constructor(draft: string, target: string, directory: string) {
    this.#draft = draft;
    this.#target = target;
    this.#directory = directory;
  }

  /** Closes the profile, and gives the draft its name, if no file has it. It is reserved first, because a renaming would replace a file. */
  async publish(): Promise<Exported> {
    await fence(this.#directory, this.#target, systemScheduler.now());
    await (await create(this.#target, this.#target)).close();
    this.#isReserved = true;
    await rename(this.#draft, this.#target);
    // The export stands, and the profile is closed: from here on there is nothing to undo.
    const isSynced = await syncDirectory(dirname(this.#target)).then(
      () => true,
      () => false,
    );
    return { file: this.#target, isSynced };
  }

  /** The files go first: while one of them cannot be removed, the profile stays closed. */
  async undo(): Promise<void> {
    if (this.#isReserved) await rm(this.#target, { force: true });
    await rm(this.#draft, { force: true });
    await liftFence(this.#directory);
  }
}

/**
 * Exports a profile. The order is: the file under another name, the fence around the profile, the name. So a crash leaves a profile that
 * is open and no export, or a closed profile, which `takeBack` opens again.
 *
 * @param file it must not exist
 * @throws ClientError `file-exists`, `no-folder`, `not-exportable`, `export-damaged`, `profile-moved`, `wrong-password`, `profile-in-use`,
 *   `profile-damaged`: the profile is open then, unless what was written of the export cannot be removed
 */
export function exportProfile(profile: ProfileSummary, password: string, file: string): Promise<Exported> {
  const { directory } = profile;
  const target = resolve(file);
  const draft = draftOf(target, directory);
  return locked(directory, async (lock) => {
    if ((await stat(target).catch(() => null)) !== null) throw exists(target);
    const { secret } = await openFiles(profile, password);
    const head = headOf(await readFile(profilePaths(directory).identity, 'utf8'));
    await rm(draft, { force: true });
    const publication = new Publication(draft, target, directory);
    try {
      await write(draft, target, { directory, key: { head, secret } });
      const exported = await publication.publish();
      lock.release();
      return exported;
    } catch (error) {
      await publication.undo().catch(() => undefined);
      throw error;
    }
  });
}
