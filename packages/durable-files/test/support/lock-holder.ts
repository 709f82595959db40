/** A program that takes a lock, drops its only reference to it, and holds it until it is killed. It needs `--expose-gc`. */
import { lockFile } from '../../src/index.ts';

const outcome = lockFile(process.argv[2] ?? '') === null ? 'refused' : 'held';
// The next turn, because the collector keeps what the present one has used.
setImmediate(() => {
  globalThis.gc?.();
  setImmediate(() => console.log(globalThis.gc === undefined ? 'no collector' : outcome));
});
process.stdin.resume();
