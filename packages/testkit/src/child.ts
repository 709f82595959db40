/**
 * Child processes that end with the test that started them, whatever happens to the test run. A guard in the child's process group
 * holds one end of a pipe whose other end only this process has. When the test ends, or this process dies, even by `kill -9`, the
 * pipe closes, and the guard kills the group. Windows has no process groups: there a child is only killed when the test ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { onTestFailed, onTestFinished } from 'vitest';
import { isInTest } from './current-test.ts';

/** What a child printed until its end, and how it ended. */
export interface Ended {
  /** The exit code, or `null` if a signal ended the child. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Standard output. */
  readonly out: string;
  /** Standard error. */
  readonly err: string;
}

/** How to start a child. */
export interface ChildOptions {
  /** The working directory. Default: that of this process. */
  readonly cwd?: string;
  /** The whole environment. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** The standard input. Default: none; `'open'` leaves `Child.stdin` open for writing. */
  readonly input?: string | Uint8Array;
  /** A file to which standard error is appended. Default: `Child.err` collects it. */
  readonly errFile?: string;
}

/** A program that runs. Disposing of it kills it with its whole process group. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** What it has printed on standard output so far. */
  readonly out: string;
  /** What it has printed on standard error so far. */
  readonly err: string;
  /** Its standard input, which is closed already unless `input` is `'open'`. */
  readonly stdin: Writable;
  /** Resolves when the child has ended and its output has been read to the end. */
  readonly ended: Promise<Ended>;
  /** True once `ended` has resolved. */
  readonly hasEnded: boolean;
  /** Resolves with the match once standard output matches `pattern`; rejects if the child ends without it. */
  prints(pattern: RegExp): Promise<RegExpExecArray>;
  /** The lines of standard output, as they come. */
  lines(): AsyncIterable<string>;
  /** Resolves once `out` is longer than `length`, or the child has ended. */
  outputBeyond(length: number): Promise<void>;
  /** Sends a signal to the child, not to its descendants. */
  kill(signal: NodeJS.Signals): Promise<Ended>;
}

/**
 * The program replaces the shell, so that the process id and the exit code are the program's own. The guard ignores the signals that a
 * test may send to the whole group.
 */
const guarded = `(trap '' HUP INT QUIT TERM; read -r _ <&3; kill -s KILL -- "-$$") </dev/null >/dev/null 2>&1 & exec "$@" 3<&-`;
/** How many characters of a child's output are shown when its test fails. */
const shownOutput = 4_000;

const hasGroups = process.platform !== 'win32';

/**
 * Starts a program that ends with the current test. Outside a test (in `beforeAll`), and in a concurrent test, which cannot be distinguished
 * from the others, the program ends with the process that runs the test at the latest: dispose of it before.
 *
 * @param command the program, a path or a name to look up in `PATH`
 * @param args the arguments of the program
 * @returns the running child
 */
export function startChild(command: string, args: readonly string[] = [], options: ChildOptions = {}): Child {
  const child = new GuardedChild(command, args, options);
  if (isInTest()) {
    onTestFinished(() => child[Symbol.asyncDispose]());
    onTestFailed(() => {
      const printed = `${child.out}${child.err}`.slice(-shownOutput);
      console.error(`${[command, ...args].join(' ')} printed:\n${printed}`);
    });
  }
  return child;
}

/**
 * Runs a program to its end.
 *
 * @returns its output and how it ended; a failure of the program is not an error here
 */
export function runChild(command: string, args: readonly string[] = [], options: ChildOptions = {}): Promise<Ended> {
  return startChild(command, args, options).ended;
}

/**
 * Runs a program that has to succeed.
 *
 * @returns what it printed on standard output
 * @throws Error with its output if the exit code is not 0
 */
export async function outputOf(
  command: string,
  args: readonly string[] = [],
  options: ChildOptions = {},
): Promise<string> {
  const { code, signal, out, err } = await runChild(command, args, options);
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code ?? signal}:\n${out}${err}`);
  return out;
}

class GuardedChild implements Child {
  readonly #process: ChildProcess;
  readonly #guard: Writable | null;
  readonly #out: Output;
  readonly #err: Output | null;
  readonly stdin: Writable;
  readonly ended: Promise<Ended>;
  hasEnded = false;

  constructor(command: string, args: readonly string[], { cwd, env = process.env, input = '', errFile }: ChildOptions) {
    const errTarget = errFile === undefined ? 'pipe' : openSync(errFile, 'a');
    const place = { env, ...(cwd !== undefined && { cwd }) };
    this.#process = hasGroups
      ? spawn('/bin/sh', ['-c', guarded, 'sh', command, ...args], {
          ...place,
          detached: true,
          stdio: ['pipe', 'pipe', errTarget, 'pipe'],
        })
      : spawn(command, args, { ...place, stdio: ['pipe', 'pipe', errTarget] });
    if (errTarget !== 'pipe') closeSync(errTarget);
    const [stdin, out, err, guard] = this.#process.stdio;
    if (!stdin || !out) throw new Error(`${command} could not be started`);
    this.stdin = stdin;
    this.#guard = (guard as Writable | undefined) ?? null;
    this.#out = new Output(out);
    this.#err = err ? new Output(err) : null;
    // The program may end before it has read its input, and the guard before the pipe is closed.
    for (const stream of [stdin, this.#guard]) stream?.on('error', () => undefined);
    if (input !== 'open') stdin.end(input);
    // Not the event 'close' of the process, which also waits for the guard.
    const closed = [out, err].map((stream) => stream && once(stream, 'close'));
    this.ended = Promise.all([once(this.#process, 'exit'), ...closed]).then(([[code, signal]]) => {
      this.hasEnded = true;
      this.#guard?.destroy();
      return { code, signal, out: this.out, err: this.err };
    });
    this.ended.catch(() => undefined); // reported to the callers that wait for it
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get out(): string {
    return this.#out.text;
  }

  get err(): string {
    return this.#err?.text ?? '';
  }

  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.out);
      if (match !== null) return match;
      if (this.hasEnded) break;
      await this.outputBeyond(this.out.length);
    }
    throw new Error(`the program ended and has not printed ${pattern}:\n${this.out}${this.err}`);
  }

  async *lines(): AsyncIterable<string> {
    let read = 0;
    for (;;) {
      const end = this.out.indexOf('\n', read);
      if (end === -1) {
        if (this.hasEnded) return;
        await this.outputBeyond(this.out.length);
      } else {
        yield this.out.slice(read, end);
        read = end + 1;
      }
    }
  }

  async outputBeyond(length: number): Promise<void> {
    while (this.out.length <= length && !this.hasEnded) await Promise.race([this.#out.next(), this.ended]);
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    this.#process.kill(signal);
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#guard === null) this.#process.kill('SIGKILL');
    this.#guard?.destroy();
    await this.ended;
  }
}

/** One stream of output, decoded as UTF-8 and kept. */
class Output {
  text = '';
  readonly listeners = new Set<() => void>();

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      this.text += chunk;
      for (const listener of this.listeners) listener();
    });
  }

  /** Resolves at the next piece of output. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      const listener = () => {
        this.listeners.delete(listener);
        resolve();
      };
      this.listeners.add(listener);
    });
  }
}
