/** The server as operators start it: the built program in a process of its own, with a data directory of the test. */
import { join } from 'node:path';
import { type InvitationLine, parseInvitationLine } from '@chat/protocol';
import { type Child, type Ended, runChild, startChild } from '@chat/testkit';
import { withoutSettings } from './environment.ts';
import { freePorts } from './free-ports.ts';

/** The built program. */
export const serverMain = join(import.meta.dirname, '../../apps/server/dist/main.js');

export interface ServerPorts {
  readonly enrolment: number;
  readonly chat: number;
}

/** A server that listens. Disposing of it stops it with `SIGTERM`. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  /**
   * Starts a server. The promise resolves when it listens.
   *
   * @param ports default: free ones, which `ports` names afterwards and which stay free while the server is down
   */
  static async start(data: string, ports?: ServerPorts, environment: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
    const { enrolment, chat } = ports ?? (await freePorts());
    const args = ['--data', data, '--enrol-port', `${enrolment}`, '--chat-port', `${chat}`];
    const child = startChild(process.execPath, [serverMain, ...args], {
      env: { ...withoutSettings(), ...environment },
    });
    await child.prints(/chat:\/\/\S+\n/);
    return new ServerProcess(child);
  }

  /** The invitation line as the server printed it. */
  get text(): string {
    return /chat:\/\/\S+/.exec(this.#child.out)?.[0] ?? '';
  }

  get line(): InvitationLine {
    const line = parseInvitationLine(this.text);
    if (line === null) throw new Error(`not an invitation line: ${this.text}`);
    return line;
  }

  get ports(): ServerPorts {
    const chat = /chat on \S+:(\d+)/.exec(this.#child.out)?.[1];
    return { enrolment: this.line.port, chat: Number(chat) };
  }

  /** What it has logged so far. */
  get log(): string {
    return this.#child.err;
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    return this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#child.hasEnded) await this.kill('SIGTERM');
  }
}

/** Runs another command of the server program to its end. */
export function serverCommand(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return runChild(process.execPath, [serverMain, ...args], { env: { ...withoutSettings(), ...environment } });
}
