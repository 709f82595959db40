/** Servers that are scripts of this benchmark. */
import { once } from 'node:events';
import { join } from 'node:path';
import { cores, spawnOn } from '../../placement.ts';
import { pidOf, type RunningPeer, stop } from './peer.ts';

/** Starts a script, passes it what it needs, and resolves with the port that it answers. */
export async function startScript(name: string, start: object): Promise<Omit<RunningPeer, 'rooms' | 'message'>> {
  const command = [process.execPath, ...process.execArgv, join(import.meta.dirname, name)] as const;
  const child = spawnOn(cores.server, command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(start);
  const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
  return { port, pid: pidOf(child), stop: () => stop(child) };
}
