/** The server in a process of its own, on free ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type InvitationLine, parseInvitationLine } from '@chat/protocol';

/** A running server process. Disposing of it ends the process. */
export interface ServerProcess extends AsyncDisposable {
  /** The invitation line that it printed. */
  readonly line: InvitationLine;
  /** Returns everything that it printed and logged. */
  readonly output: () => string;
}

const main = createRequire(import.meta.url).resolve('server/dist/main.js');

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Starts a server. Resolves when it listens. */
export async function startServerProcess(data: string): Promise<ServerProcess> {
  const args = [main, '--data', data, '--host', '127.0.0.1', '--enrol-port', '0', '--chat-port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const line = await new Promise<InvitationLine>((resolve, reject) => {
    const read = (chunk: unknown) => {
      output += String(chunk);
      const printed = /chat:\/\/\S+(?=\n)/.exec(output)?.[0];
      const parsed = printed === undefined ? null : parseInvitationLine(printed);
      if (parsed !== null) resolve(parsed);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`The server ended with ${code} before it listened:\n${output}`)));
  });
  return { line, output: () => output, [Symbol.asyncDispose]: () => stop(child) };
}
