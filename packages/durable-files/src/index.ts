/** Private files, which `writeAtomically` leaves complete or unchanged, also after a power cut; locks that end with their process; private sockets. */
export { ByteReader } from './byte-reader.ts';
export { filesIn, makeDirectorySynced } from './directories.ts';
export { codeOf } from './error-code.ts';
export { type FileLock, lockFile } from './file-lock.ts';
export { readIfThere, removeSynced, renameSynced, syncDirectory, writeAtomically, writeSynced } from './files.ts';
export { readPieces, writeNewSynced } from './pieces.ts';
export { withSocketPath } from './socket-path.ts';
