/**
 * Kills the program into which it is loaded (`node --import`) at a renaming of a file: `CHAT_KILL_AT_RENAME` is `before` or `after`, a space, and
 * the names of the file before and after it with `>` between them.
 */
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

const [when, wanted] = (process.env['CHAT_KILL_AT_RENAME'] ?? '').split(' ');
const { rename } = files;

files.rename = async (from, to) => {
  const isWanted = `${basename(String(from))}>${basename(String(to))}` === wanted;
  if (isWanted && when === 'before') process.kill(process.pid, 'SIGKILL');
  await rename(from, to);
  if (isWanted && when === 'after') process.kill(process.pid, 'SIGKILL');
};
syncBuiltinESMExports();
