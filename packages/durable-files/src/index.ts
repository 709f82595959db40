/** Files that are whole or not there, also after a power cut. For their owner only. */
export { readIfThere, renameSynced, writeAtomically, writeSynced } from './files.ts';
