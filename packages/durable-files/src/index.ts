/** Private files that are complete or unchanged, also after a power cut. */
export { readIfThere, renameSynced, writeAtomically, writeSynced } from './files.ts';
