/**
 * Kills the program into which it is loaded (`node --import`) before a call that changes a file or a folder: the one whose number, from 1 on,
 * is in `CHAT_KILL_AT_CALL`. A call that writes is killed in its middle. The sync of a file counts, too; that of a folder changes nothing that is
 * seen after a kill.
 */
import { constants } from 'node:fs';
import files, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const last = Number(process.env['CHAT_KILL_AT_CALL']);
let calls = 0;

const die = () => process.kill(process.pid, 'SIGKILL');

function count(): void {
  calls += 1;
  if (calls === last) die();
}

const { mkdir, open, rename, rm, rmdir } = files;

function watched(file: FileHandle): FileHandle {
  const { writeFile, sync } = file;
  file.writeFile = async (data, ...options) => {
    calls += 1;
    if (calls === last) {
      const bytes = Buffer.from(data as string | Uint8Array);
      await file.write(bytes.subarray(0, bytes.length >> 1));
      die();
    }
    return writeFile.call(file, data, ...options);
  };
  file.sync = async () => {
    count();
    await sync.call(file);
  };
  return file;
}

const isReading = (flags: string | number | undefined): boolean =>
  typeof flags === 'number' ? (flags & (constants.O_WRONLY | constants.O_RDWR)) === 0 : (flags ?? 'r') === 'r';

files.open = async (path, flags, mode) => {
  if (isReading(flags)) return open(path, flags, mode);
  count();
  return watched(await open(path, flags, mode));
};
files.mkdir = ((...args: Parameters<typeof mkdir>) => {
  count();
  return mkdir(...args);
}) as typeof mkdir;
files.rename = async (from, to) => {
  count();
  await rename(from, to);
};
files.rm = async (path, options) => {
  count();
  await rm(path, options);
};
files.rmdir = async (path, options) => {
  count();
  await rmdir(path, options);
};
syncBuiltinESMExports();
