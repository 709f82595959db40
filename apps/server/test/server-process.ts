/** The server as people start it: a process of its own, with what it printed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InvitationLine, parseInvitationLine } from '@chat/protocol';
import { onTestFinished } from 'vitest';

/** Each process then takes half as long to start. */
const compileCache = join(tmpdir(), 'chat-test-compile-cache');

const main = join(import.meta.dirname, '../src/main.ts');

/** A directory of a test's own, removed when the test is over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'chat-server-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

type Environment = Readonly<Record<string, string>>;

/** Those that a failed test left behind end with the tests. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

class ServerProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  out = '';
  err = '';

  constructor(args: readonly string[], environment: Environment, log?: string) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('CHAT_'));
    this.child = spawn(process.execPath, ['--conditions=@chat/source', main, ...args], {
      stdio: ['ignore', 'pipe', log === undefined ? 'pipe' : openSync(log, 'a')],
      env: { ...Object.fromEntries(inherited), NODE_COMPILE_CACHE: compileCache, ...environment },
    });
    this.child.stdout?.on('data', (chunk) => {
      this.out += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.err += chunk;
    });
    running.add(this.child);
    this.child.once('exit', () => running.delete(this.child));
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal, out: this.out, err: this.err }));
  }

  /** Resolves once everything that it prints at the start is there. */
  async listening(): Promise<void> {
    const said = new Promise<void>((resolve) => {
      this.child.stdout?.on('data', () => /--filter \w+ start .*\n/.test(this.out) && resolve());
    });
    await Promise.race([said, this.ended]);
    if (!this.out.includes('listening')) throw new Error(`The server did not start: ${this.err}`);
  }

  /** The line to paste. */
  get line(): string {
    return /chat:\/\/\S+/.exec(this.out)?.[0] ?? '';
  }

  get invitation(): InvitationLine {
    const parsed = parseInvitationLine(this.line);
    if (parsed === null) throw new Error(`Not a line to paste: ${this.line}`);
    return parsed;
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

/** Runs a command to its end. */
export const run = (args: readonly string[], environment: Environment = {}): Promise<Ended> =>
  new ServerProcess(args, environment).ended;

/** Starts a server over a directory, on ports that are free; its log may go to a file. */
export async function startIn(
  data: string,
  args: readonly string[] = [],
  environment: Environment = {},
  log?: string,
): Promise<ServerProcess> {
  const ports = ['--enrol-port', '0', '--chat-port', '0'];
  const server = new ServerProcess(['--data', data, ...ports, ...args], environment, log);
  await server.listening();
  return server;
}
