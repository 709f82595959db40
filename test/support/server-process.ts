/** The server as people start it: built, in a process of its own, over a folder of the test's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type InvitationLine, parseInvitationLine } from '@chat/protocol';
import type { Ended } from './chat-command.ts';
import { withoutSettings } from './environment.ts';

const main = join(import.meta.dirname, '../../apps/server/dist/main.js');

export interface ServerPorts {
  readonly enrolment: number;
  readonly chat: number;
}

export class ServerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  #output = '';
  readonly exited: Promise<number | null>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#output += String(chunk);
      });
    }
    this.exited = once(child, 'exit').then(([code]) => code);
  }

  /** Resolves when it listens. Port 0 is a free one; `ports` tells which. */
  static async start(
    data: string,
    ports: ServerPorts = { enrolment: 0, chat: 0 },
    args: readonly string[] = [],
  ): Promise<ServerProcess> {
    const all = ['--data', data, '--enrol-port', `${ports.enrolment}`, '--chat-port', `${ports.chat}`, ...args];
    const server = new ServerProcess(
      spawn(process.execPath, [main, ...all], { stdio: ['ignore', 'pipe', 'pipe'], env: withoutSettings() }),
    );
    await server.#listening();
    return server;
  }

  async #listening(): Promise<void> {
    const listens = new Promise<void>((resolve) => {
      this.#child.stdout?.on('data', () => /chat:\/\/\S+\n/.test(this.#output) && resolve());
    });
    await Promise.race([listens, this.exited]);
    if (!/chat:\/\/\S+\n/.test(this.#output)) throw new Error(`the server did not start:\n${this.#output}`);
  }

  /** What it printed and logged. */
  get output(): string {
    return this.#output;
  }

  /** The line to paste. */
  get text(): string {
    return /chat:\/\/\S+/.exec(this.#output)?.[0] ?? '';
  }

  get line(): InvitationLine {
    const line = parseInvitationLine(this.text);
    if (line === null) throw new Error(`not a line to paste: ${this.text}`);
    return line;
  }

  get ports(): ServerPorts {
    const chat = /chat on \S+:(\d+)/.exec(this.#output)?.[1];
    return { enrolment: this.line.port, chat: Number(chat) };
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill('SIGTERM');
  }
}

/** Runs another of the server's commands to its end. */
export async function serverCommand(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: withoutSettings() });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, out, err };
}
