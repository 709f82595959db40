/** A server that the benchmark starts, on the core of the servers. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cores, spawnOn } from '../../placement.ts';
import type { DialectName, LoadRoom } from '../dialects/dialect.ts';
import type { World } from '../world.ts';
import type { Span } from './loop-delays.ts';

/** What a server is started with. */
export interface Setting {
  readonly world: World;
  /** File with the same, JSON. */
  readonly worldFile: string;
  /** A folder of its own. */
  readonly folder: string;
  /** The members of each room, by their indexes among the users. */
  readonly rooms: readonly (readonly number[])[];
}

/** A running server. */
export interface RunningPeer {
  readonly port: number;
  readonly pid: number;
  readonly rooms: readonly LoadRoom[];
  /** The entry of a message; empty for peers. */
  readonly message: string;
  /** Resolves with the delays of the server's event loop, in ms, if it runs on Node. */
  loopDelays?(span: Span): Promise<number[]>;
  stop(): Promise<void>;
}

/** A kind of server. */
export interface Peer {
  readonly name: string;
  readonly dialect: DialectName;
  /** Bytes of a message for this peer. */
  readonly messageBytes: number;
  /** Debian's package, if the program is not installed; null if it is. */
  readonly missing: string | null;
  start(setting: Setting): Promise<RunningPeer>;
}

/** Returns a package if its program is not installed. */
export const packageWithout = (program: string, name: string): string | null =>
  spawnSync('which', [program]).status === 0 ? null : name;

/** Returns a port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A port has no number.');
  return address.port;
}

/** Starts a program that listens on this port. Its output is that of the benchmark. */
export async function startProgram(
  command: readonly [string, ...string[]],
  port: number,
): Promise<Omit<RunningPeer, 'rooms' | 'message'>> {
  const child = spawnOn(cores.server, command, { stdio: ['ignore', 'inherit', 'inherit'] });
  for (let attempt = 0; !(await answers(port)); attempt += 1) {
    if (attempt === 200 || child.exitCode !== null) throw new Error(`${command[0]} does not listen on port ${port}.`);
    await pause(50);
  }
  return { port, pid: pidOf(child), stop: () => stop(child) };
}

/** Ends a process, and resolves when it has ended. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Returns the process id of a child that runs. */
export function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('The server did not start.');
  return pid;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Writes the certificates and the key of a server to its folder, and returns their paths. */
export async function writeCertificates({ world, folder }: Setting) {
  const files = {
    ca: join(folder, 'ca.pem'),
    certificate: join(folder, 'server.pem'),
    key: join(folder, 'server.key'),
  };
  await writeFile(files.ca, world.ca);
  await writeFile(files.certificate, world.server.certificate);
  await writeFile(files.key, world.server.key);
  return files;
}

/** Returns the topics that stand for rooms at a peer. */
export const topics = ({ rooms }: Setting): LoadRoom[] =>
  rooms.map((_, index) => ({ id: String(index), head: { seq: 0, hash: '' } }));
