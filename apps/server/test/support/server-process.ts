/** The server in a process of its own, with its output. */
import { join } from 'node:path';
import { type InvitationLine, parseInvitationLine } from '@chat/protocol';
import { type Child, type ChildOptions, type Ended, startChild, temporaryFolder } from '@chat/testkit';

const main = join(import.meta.dirname, '../../src/main.ts');

/** Creates a directory that is removed when the test ends. */
export function temporaryDirectory(): string {
  return temporaryFolder().path;
}

type Environment = Readonly<Record<string, string>>;

function start(args: readonly string[], environment: Environment, options: ChildOptions = {}): Child {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('CHAT_'));
  const env = { ...Object.fromEntries(inherited), ...environment };
  return startChild(process.execPath, ['--conditions=@chat/source', main, ...args], { ...options, env });
}

class ServerProcess {
  readonly #child: Child;

  constructor(child: Child) {
    this.#child = child;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get out(): string {
    return this.#child.out;
  }

  get err(): string {
    return this.#child.err;
  }

  get ended(): Promise<Ended> {
    return this.#child.ended;
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
    return this.#child.kill(signal);
  }
}

/** Runs a command until it ends. */
export const run = (args: readonly string[], environment: Environment = {}): Promise<Ended> =>
  start(args, environment).ended;

/** Starts a server on a directory and on free ports. `log` is a file for its log. */
export async function startIn(
  data: string,
  args: readonly string[] = [],
  environment: Environment = {},
  log?: string,
): Promise<ServerProcess> {
  const ports = ['--enrol-port', '0', '--chat-port', '0'];
  const options = log === undefined ? {} : { errFile: log };
  const child = start(['--data', data, ...ports, ...args], environment, options);
  // The last line of the welcome.
  await child.prints(/\n {2}chat(?:-server)? .*\n/);
  return new ServerProcess(child);
}
