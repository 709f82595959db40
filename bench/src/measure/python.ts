/** Python's cryptography as a contender: one process that measures itself on request. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { places } from '../places.ts';

const script = join(places.peers, 'pyca.py');
/** Debian's interpreter first, because it has Debian's package. */
const interpreters = ['/usr/bin/python3', 'python3'];

/** A running Python process. */
export interface Python {
  /** The package's version. */
  readonly version: string;
  measure(task: string, size: number, ms: number): Promise<number>;
  close(): void;
}

/** Starts the process. Returns `null` if no interpreter has the package. */
export function startPython(): Python | null {
  const probe = 'import cryptography; print(cryptography.__version__)';
  for (const interpreter of interpreters) {
    const { status, stdout } = spawnSync(interpreter, ['-c', probe], { encoding: 'utf8' });
    if (status !== 0) continue;
    const child = spawn(interpreter, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    return {
      version: stdout.trim(),
      async measure(task, size, ms) {
        child.stdin.write(`${task} ${size} ${ms / 1000}\n`);
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`${interpreter} ended while it measured ${task}`);
        return Number(value);
      },
      close: () => child.stdin.end(),
    };
  }
  return null;
}
