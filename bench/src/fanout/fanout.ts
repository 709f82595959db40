/**
 * `pnpm bench fanout`: the chat server beside mosquitto, nats-server and a bare TLS server, under the same load, with mutual TLS
 * and in turns. `CHAT_BENCH_LOADS`, a regular expression, selects loads by part and task ("append: 64 writers, 1 rooms"); then no
 * page is written. `CHAT_BENCH_PEERS` does the same for servers by their names. `CHAT_BENCH_SECONDS` is the time of each measurement.
 */
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from '@chat/testkit';
import { median, type Plan } from '../measure/measure.ts';
import { cores, residentKb, spawnOn } from '../placement.ts';
import type { Notice, Order } from './generator.ts';
import { type Load, type Measurement, membersOf, usersOf } from './loads/load.ts';
import { bareServer } from './peers/bare.ts';
import { chatServer, deliveryBytes } from './peers/chat.ts';
import { mosquitto } from './peers/mosquitto.ts';
import { natsServer } from './peers/nats.ts';
import type { Peer, RunningPeer } from './peers/peer.ts';
import { reportLoads } from './report-loads.ts';
import { createWorld, type World } from './world.ts';

/** Bytes of text in a message. */
const textBytes = 256;

/** A load with its name on the page. */
export interface NamedLoad {
  readonly part: string;
  readonly task: string;
  readonly load: Load;
}

const append = (writers: number, rooms: number, inFlight = 1): NamedLoad => ({
  part: 'append',
  task: `${writers} writers, ${rooms} rooms${inFlight === 1 ? '' : `, ${inFlight} in flight each`}`,
  load: { kind: 'append', writers, rooms, inFlight },
});
const fanOut = (members: number, inFlight: number, rooms = 1): NamedLoad => ({
  part: 'fan-out',
  task: `${rooms === 1 ? '' : `${rooms} rooms of `}${members} members, ${inFlight} in flight`,
  load: { kind: 'fan-out', rooms, members, inFlight },
});
const latency = (deliveriesPerSecond: number): NamedLoad => ({
  part: 'latency',
  task: `${deliveriesPerSecond.toLocaleString('en')} deliveries a second`,
  load: { kind: 'latency', members: 100, deliveriesPerSecond },
});
const idle = (connections: number): NamedLoad => ({
  part: 'idle',
  task: `${connections.toLocaleString('en')} connections`,
  load: { kind: 'idle', connections },
});

const loads: readonly NamedLoad[] = [
  append(1, 1),
  append(64, 1),
  append(64, 64),
  append(64, 1, 16),
  append(512, 64),
  ...[1, 8, 400].map((inFlight) => fanOut(10, inFlight)),
  ...[1, 8, 160].map((inFlight) => fanOut(100, inFlight)),
  ...[1, 8, 32].map((inFlight) => fanOut(1_000, inFlight)),
  fanOut(10, 8, 100),
  latency(2_000),
  latency(20_000),
  { part: 'set-up', task: 'logins', load: { kind: 'set-up', atOnce: 16 } },
  idle(1_000),
  idle(5_000),
];

/** What the generator has measured, and the delays of the server's event loop meanwhile, in ms. */
export type ServerMeasurement = Measurement & { readonly loopDelays: readonly number[] };

/** What one server has reached under one load: a measurement for each round, and the memory of an idle connection. */
export interface Result {
  readonly load: NamedLoad;
  readonly peer: string;
  readonly measurements: readonly ServerMeasurement[];
  /** kB for each connection. */
  readonly idleKb: number | null;
}

/** Runs the load generator. */
class Generator implements Disposable {
  readonly #child = spawnOn(
    cores.generator,
    [process.execPath, ...process.execArgv, join(import.meta.dirname, 'generator.ts')],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );

  /** Runs a load; `opened` is called when the connections of an idle load are open. */
  async run(order: Order, opened: () => Promise<void>): Promise<Measurement | null> {
    this.#child.send(order);
    for (;;) {
      const [notice] = (await once(this.#child, 'message')) as [Notice];
      if ('failed' in notice) throw new Error(`${order.target.dialect}, ${order.load.kind}: ${notice.failed}`);
      if ('measurement' in notice) return notice.measurement;
      await opened();
      this.#child.send({ seen: true });
    }
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}

interface Bench {
  readonly generator: Generator;
  readonly world: World;
  readonly worldFile: string;
  readonly folder: string;
  readonly rounds: number;
  readonly durationMs: number;
}

/** Runs one load against all servers that can carry it: they all run, and take their turns in each round. */
async function runLoad(bench: Bench, load: NamedLoad, peers: readonly Peer[]): Promise<Result[]> {
  const { generator, world, worldFile, rounds, durationMs } = bench;
  const started: { readonly peer: Peer; readonly server: RunningPeer; readonly measurements: ServerMeasurement[] }[] =
    [];
  const idleKb = new Map<Peer, number>();
  try {
    for (const peer of peers) {
      const folder = join(bench.folder, `${peer.name}-${load.part}-${load.task}`.replaceAll(/[^a-z0-9]+/g, '-'));
      await mkdir(folder);
      const server = await peer.start({ world, worldFile, folder, rooms: membersOf(load.load) });
      started.push({ peer, server, measurements: [] });
    }
    for (let round = 0; round < (load.part === 'idle' ? 1 : rounds); round += 1) {
      for (const { peer, server, measurements } of started) {
        const { port, pid, rooms, message } = server;
        const target = { dialect: peer.dialect, port, pid, rooms, message, messageBytes: peer.messageBytes };
        const before = residentKb(pid);
        const measurement = await generator.run({ target, world: worldFile, load: load.load, durationMs }, async () => {
          await pause(2_000);
          if (load.load.kind === 'idle') idleKb.set(peer, (residentKb(pid) - before) / load.load.connections);
        });
        if (measurement === null) continue;
        measurements.push({ ...measurement, loopDelays: (await server.loopDelays?.(measurement.span)) ?? [] });
      }
    }
  } finally {
    for (const { server } of started) await server.stop();
  }
  return started.map(({ peer, measurements }) => {
    const result = { load, peer: peer.name, measurements, idleKb: idleKb.get(peer) ?? null };
    const figure = result.idleKb ?? median(measurements.map(({ perSecond }) => perSecond));
    console.log(`${load.part}: ${load.task}: ${peer.name} ${figure.toFixed(0)}`);
    return result;
  });
}

/** Runs the parts. */
export async function benchFanOut({ rounds }: Plan): Promise<void> {
  const { CHAT_BENCH_LOADS: selection, CHAT_BENCH_PEERS: named, CHAT_BENCH_SECONDS: seconds = '3' } = process.env;
  const selected = new RegExp(selection ?? '', 'u');
  const durationMs = 1_000 * Number(seconds);
  const chosen = loads.filter(({ part, task }) => selected.test(`${part}: ${task}`));
  const world = createWorld(Math.max(...chosen.map(({ load }) => usersOf(load))));
  const text = 'x'.repeat(textBytes);
  const chatFrameBytes = deliveryBytes(world, text);
  const all = [
    chatServer(text),
    mosquitto(textBytes),
    natsServer(textBytes),
    bareServer(`bare ${textBytes} B`, textBytes),
    bareServer("bare, chat's size", chatFrameBytes),
  ].filter(({ name }) => new RegExp(named ?? '', 'u').test(name));
  const peers = all.filter(({ missing }) => missing === null);
  for (const { name, missing } of all) {
    if (missing !== null) console.log(`${name} was not found and is left out. Debian: apt install ${missing}`);
  }
  await using folder = temporaryFolder();
  const worldFile = join(folder.path, 'world.json');
  await writeFile(worldFile, JSON.stringify(world));
  using generator = new Generator();
  const bench = { generator, world, worldFile, folder: folder.path, rounds, durationMs };
  const results: Result[] = [];
  for (const load of chosen) {
    // The bare server stores nothing, so its acknowledgements are no peer of those of the chat.
    const own = load.part === 'append' ? peers.filter(({ dialect }) => dialect !== 'bare') : peers;
    results.push(...(await runLoad(bench, load, own)));
  }
  await reportLoads(results, { textBytes, chatFrameBytes, written: selection === undefined && named === undefined });
}
