/** Servers that are scripts of this benchmark. Each answers a `Span` with the delays of its event loop. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cores, spawnOn } from '../../placement.ts';
import type { Span } from './loop-delays.ts';
import { pidOf, type RunningPeer } from './peer.ts';

interface Listening {
  readonly port: number;
}

/**
 * Starts a script, passes it what it needs, and resolves with what it answers.
 *
 * @typeParam L the answer, which names the script's ports
 */
export async function startScript<L extends Listening = Listening>(
  name: string,
  start: object,
  nodeOptions: readonly string[] = [],
): Promise<L & Omit<RunningPeer, 'rooms' | 'message' | 'port'>> {
  const command = [process.execPath, ...process.execArgv, ...nodeOptions, join(import.meta.dirname, name)] as const;
  const child = spawnOn(cores.server, command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(start);
  const [listening] = (await once(child, 'message')) as [L];
  const loopDelays = async (span: Span): Promise<number[]> => {
    child.send(span);
    const [delays] = (await once(child, 'message')) as [number[]];
    return delays;
  };
  return { ...listening, pid: pidOf(child), loopDelays, stop: () => end(child) };
}

/** Lets a script end itself, so that it can write a profile. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}
