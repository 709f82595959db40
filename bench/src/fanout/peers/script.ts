/** Servers that are scripts of this benchmark. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cores, spawnOn } from '../../placement.ts';
import { pidOf, type RunningPeer } from './peer.ts';

/** Starts a script, passes it what it needs, and resolves with the port that it answers. */
export async function startScript(
  name: string,
  start: object,
  nodeOptions: readonly string[] = [],
): Promise<Omit<RunningPeer, 'rooms' | 'message'>> {
  const command = [process.execPath, ...process.execArgv, ...nodeOptions, join(import.meta.dirname, name)] as const;
  const child = spawnOn(cores.server, command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(start);
  const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
  return { port, pid: pidOf(child), stop: () => end(child) };
}

/** Lets a script end itself, so that it can write a profile. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}
