/** Servers that are scripts of this benchmark. Each answers a `Span` with the delays of its event loop. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SlicesOrder } from '../../measure/slices.ts';
import { cores, spawnOn } from '../../placement.ts';
import type { Span } from './loop-delays.ts';
import { pidOf, type RunningPeer } from './peer.ts';

interface Listening {
  readonly port: number;
}

/** A running script. */
export interface Script extends Omit<RunningPeer, 'rooms' | 'message' | 'port'> {
  /** Measures the longest slice of the main thread, in ms; only a script that calls `answerSlices` has it. */
  readonly slices: { start(): void; longest(): Promise<number> };
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
): Promise<L & Script> {
  const command = [process.execPath, ...process.execArgv, ...nodeOptions, join(import.meta.dirname, name)] as const;
  const child = spawnOn(cores.server, command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(start);
  const [listening] = (await once(child, 'message')) as [L];
  const loopDelays = async (span: Span): Promise<number[]> => {
    child.send(span);
    const [delays] = (await once(child, 'message')) as [number[]];
    return delays;
  };
  const order = (slices: SlicesOrder['slices']): void => void child.send({ slices } satisfies SlicesOrder);
  const longestSlice = async (): Promise<number> => {
    order('stop');
    const [longestMs] = (await once(child, 'message')) as [number];
    return longestMs;
  };
  const slices = { start: () => order('start'), longest: longestSlice };
  return { ...listening, pid: pidOf(child), loopDelays, slices, stop: () => end(child) };
}

/** Lets a script end itself, so that it can write a profile. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}
