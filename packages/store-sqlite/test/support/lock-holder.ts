/** A process of its own: takes a lock, says so, and holds it until it is killed. */
import { lockFile } from '../../src/index.ts';

console.log(lockFile(process.argv[2] ?? '') === null ? 'refused' : 'held');
process.stdin.resume();
