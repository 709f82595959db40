/** The server in a process of its own, with its output. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InvitationLine, parseInvitationLine } from '@chat/protocol';
import { onTestFinished } from 'vitest';

/** Halves the start time of each process. */
const compileCache = join(tmpdir(), 'chat-test-compile-cache');

const main = join(import.meta.dirname, '../../src/main.ts');

/** Creates a directory for one test. It is removed when the test ends. */
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

/** The processes that a failed test has left. They end with the test run. */
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

  /** Resolves when the server has printed its whole welcome. */
  async listening(): Promise<void> {
    const said = new Promise<void>((resolve) => {
      this.child.stdout?.on('data', () => /--filter \w+ start .*\n/.test(this.out) && resolve());
    });
    await Promise.race([said, this.ended]);
    if (!this.out.includes('listening')) throw new Error(`The server did not start: ${this.err}`);
  }

  /** The invitation line. */
  get line(): string {
    return /chat:\/\/\S+/.exec(this.out)?.[0] ?? '';
  }

  get invitation(): InvitationLine {
    const parsed = parseInvitationLine(this.line);
    if (parsed === null) throw new Error(`Not an invitation line: ${this.line}`);
    return parsed;
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

/** Runs a command until it ends. */
export const run = (args: readonly string[], environment: Environment = {}): Promise<Ended> =>
  new ServerProcess(args, environment).ended;

/** Starts a server on a directory and on free ports. `log` is a file for its log. */
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
