/** Private files, which `writeAtomically` leaves complete or unchanged, also after a power cut; locks that end with their process; private sockets. */
export { type FileLock, lockFile } from './file-lock.ts';
export { readIfThere, removeSynced, renameSynced, syncDirectory, writeAtomically, writeSynced } from './files.ts';
export { withSocketPath } from './socket-path.ts';
