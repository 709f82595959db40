/** Private files that are complete or unchanged, also after a power cut, and locks that end with their process. */
export { type FileLock, lockFile } from './file-lock.ts';
export { readIfThere, renameSynced, writeAtomically, writeSynced } from './files.ts';
