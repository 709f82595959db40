/** A program that takes a lock, reports whether it has got it, and holds it until it is killed. */
import { lockFile } from '../../src/index.ts';

console.log(lockFile(process.argv[2] ?? '') === null ? 'refused' : 'held');
process.stdin.resume();
