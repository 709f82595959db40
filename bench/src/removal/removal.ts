/**
 * The removal of a member of a large room, from the request at the hub's client until all others have the new key, through a real
 * server: mutual TLS, the hub's profile and the server's store on the disk.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createWorld } from '../fanout/world.ts';
import { median, type Plan } from '../measure/measure.ts';
import { milliseconds } from '../measure/quantity.ts';
import { cpuMs, leaveCoreTo } from '../placement.ts';
import { reportTables } from '../report/report.ts';
import type { Row } from '../report/table.ts';
import { type Asked, startHub, startMembers } from './asked.ts';
import { createCrowd, startOn } from './crowd.ts';
import type { HubFigures, HubOrder } from './hub-run.ts';
import type { MembersFigures, MembersOrder } from './members-run.ts';

/** More clients than this do not fit the memory of one machine: the members are connections then. */
const mostClients = 1_000;
const memberProcesses = 2;
/** Starts of the hub's client for removals over cold links: all members connect again after each. */
const coldStarts = 2;
/** Departures within a second after a key wait for each other. */
const betweenRemovalsMs = 1_500;
const longestWaitMs = 120_000;
/** Members rest when they have used less than a tenth of a processor for so long. */
const settledMs = 2_000;

/** What one key took, in ms. */
interface KeyFigures {
  /** From the request, with the removal itself. */
  readonly untilFirst: number;
  readonly untilMedian: number;
  readonly untilLast: number;
  /** From when the hub had read the removal until it had read its own key on the log. */
  readonly atHub: number;
  readonly hubCpu: number;
  readonly hubSlice: number;
  readonly serverCpu: number;
  readonly serverSlice: number;
  readonly memberCpu: number;
}

type Hub = Asked<HubOrder, HubFigures>;
type Members = readonly Asked<MembersOrder, MembersFigures>[];
type Server = Awaited<ReturnType<typeof startOn>>;

interface Site {
  readonly server: Server;
  readonly hub: Hub;
  readonly members: Members;
}

const toAll = (members: Members, order: MembersOrder): Promise<unknown> =>
  Promise.all(members.map((each) => each.ask(order)));

/** Resolves when the members rest: after many logins, the first heartbeats of all come together. */
async function settled(members: Members): Promise<void> {
  for (const end = performance.now() + longestWaitMs; performance.now() < end; ) {
    await toAll(members, { do: 'watch' });
    await setTimeout(settledMs);
    const answers = await Promise.all(members.map((each) => each.ask({ do: 'answer' })));
    if (answers.every((each) => (each?.cpuMs ?? 0) < settledMs / 10)) return;
  }
}

/** Resolves when as many members as these have come to what they watch for. */
async function watched(members: Members, count: number): Promise<MembersFigures> {
  for (const end = performance.now() + longestWaitMs; performance.now() < end; await setTimeout(250)) {
    const answers = (await Promise.all(members.map((each) => each.ask({ do: 'answer' })))).filter(
      (each) => each !== null,
    );
    const at = answers.flatMap((each) => each.at).sort((a, b) => a - b);
    const cpu = answers.reduce((sum, each) => sum + each.cpuMs, 0);
    if (at.length >= count) return { at, cpuMs: cpu };
  }
  throw new Error(`Not all of ${count} members came to the key.`);
}

/** Lets the hub act, and measures what that took it and the server. */
async function act({ server, hub }: Pick<Site, 'server' | 'hub'>, order: HubOrder) {
  const before = cpuMs(server.pid);
  server.slices.start();
  const figures = await hub.ask(order);
  const serverSlice = await server.slices.longest();
  if (figures === null) throw new Error('The hub has measured nothing.');
  return { figures, serverSlice, serverCpu: cpuMs(server.pid) - before };
}

async function remove(site: Site, user: string, remaining: number): Promise<KeyFigures> {
  await toAll(site.members, { do: 'watch' });
  const { figures, serverSlice, serverCpu } = await act(site, { do: 'remove', user });
  const { at, cpuMs: membersCpu } = await watched(site.members, remaining);
  await setTimeout(betweenRemovalsMs);
  const since = (time = Number.NaN): number => time - figures.startedAt;
  return {
    untilFirst: since(at[0]),
    untilMedian: since(at[at.length >> 1]),
    untilLast: since(at.at(-1)),
    atHub: figures.keyAt - figures.dueAt,
    hubCpu: figures.cpuMs,
    hubSlice: figures.longestSliceMs,
    serverCpu,
    serverSlice,
    memberCpu: membersCpu / remaining,
  };
}

const figureNames: Readonly<Record<keyof KeyFigures, string>> = {
  untilFirst: 'the first member has the key',
  untilMedian: 'half of the members have it',
  untilLast: 'all members have it',
  atHub: 'hub: from the removal on the log to the key on the log',
  hubCpu: 'hub: processor time of it, all threads',
  hubSlice: 'hub: longest slice of the event loop',
  serverCpu: 'server: processor time, all threads',
  serverSlice: 'server: longest slice of the event loop',
  memberCpu: 'a member: processor time, all threads',
};

type Column = ReadonlyMap<string, number>;

function column(keys: readonly Partial<KeyFigures>[]): Column {
  const names = Object.keys(figureNames) as (keyof KeyFigures)[];
  return new Map(
    names.flatMap((name) => {
      const values = keys.flatMap((key) => key[name] ?? []);
      return values.length === 0 ? [] : [[figureNames[name], median(values)]];
    }),
  );
}

/** Measures rooms of one size. Returns the columns by name. */
async function measure(size: number, { rounds }: Plan): Promise<ReadonlyMap<string, Column>> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-bench-removal-'));
  try {
    console.log(`a room of ${size}: the members ...`);
    const world = createWorld(size - 1);
    const [worldFile, crowdFile] = [join(folder, 'world.json'), join(folder, 'crowd.json')];
    writeFileSync(worldFile, JSON.stringify(world));
    const crowd = await createCrowd(folder, worldFile, world);
    writeFileSync(crowdFile, JSON.stringify(crowd));
    const server = await startOn(worldFile, crowd.store, crowd.ports);
    leaveCoreTo(server.pid);
    const columns = new Map<string, Column>();
    const left = world.users.map(({ user }) => user);
    const areClients = size <= mostClients;

    console.log(`a room of ${size}: the first key ...`);
    let hub = await startHub(crowd.home);
    const first = await act({ server, hub }, { do: 'connect', expectsKey: true });
    columns.set('new prekeys', column([alone(first)]));
    const perProcess = Math.ceil(left.length / memberProcesses);
    const members = await Promise.all(
      Array.from({ length: memberProcesses }, (_, part) => {
        const [from, end] = [part * perProcess, Math.min(left.length, (part + 1) * perProcess)];
        return startMembers({ worldFile, crowdFile, first: from, end, areClients });
      }),
    );
    for (const links of ['warm', 'cold'] as const) {
      const keys: KeyFigures[] = [];
      // Links are cold once after the start of the hub's client, and warm from then on.
      for (let begun = 0; begun < (links === 'warm' ? 1 : Math.min(rounds, coldStarts)); begun++) {
        if (links === 'cold') {
          hub = await startHub(crowd.home);
          await hub.ask({ do: 'connect', expectsKey: false });
        }
        console.log(`a room of ${size}: ${left.length} members connect, links are ${links} ...`);
        await toAll(members, { do: 'connect', end: left.length });
        await settled(members);
        for (let round = 0; round < (links === 'warm' ? rounds : 1); round++) {
          const user = left.pop() ?? '';
          keys.push(await remove({ server, hub, members }, user, left.length));
        }
        if (areClients) await speak({ server, hub, members }, left.length);
        await toAll(members, { do: 'disconnect' });
        await hub.ask({ do: 'close' });
        await hub.end();
      }
      columns.set(`${links} links`, column(keys));
    }
    await Promise.all(members.map((each) => each.end()));
    await server.stop();
    return columns;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The figures of a key that no member waits for. */
const alone = ({ figures, serverCpu, serverSlice }: Awaited<ReturnType<typeof act>>): Partial<KeyFigures> => ({
  atHub: figures.keyAt - figures.dueAt,
  hubCpu: figures.cpuMs,
  hubSlice: figures.longestSliceMs,
  serverCpu,
  serverSlice,
});

/** Requires that all members can read under the latest key. */
async function speak({ hub, members }: Site, count: number): Promise<void> {
  await toAll(members, { do: 'watch' });
  await hub.ask({ do: 'say', text: 'All members can read this.' });
  await watched(members, count);
}

/** Measures removals. `CHAT_BENCH_SIZES=100` selects sizes, and writes no page. */
export async function benchRemoval(plan: Plan): Promise<void> {
  const selected = process.env['CHAT_BENCH_SIZES']?.split(',').map(Number);
  const tables = [];
  for (const size of selected ?? [1_000, 5_000]) {
    const columns = await measure(size, plan);
    const rows = Object.values(figureNames).map((task): Row => {
      const found = [...columns].flatMap(([name, figures]) => {
        const value = figures.get(task);
        return value === undefined ? [] : [[name, value] as const];
      });
      return { task, results: new Map(found) };
    });
    tables.push({ title: `A room of ${size}`, quantity: milliseconds, ours: 'warm links', rows });
  }
  await reportTables('removal', { plotted: tables, notes, written: selected === undefined });
}

const notes = [
  'From the request to remove a member, at the hub’s client, until all others have the new key. Hub, members and server are processes ' +
    'of one machine, with mutual TLS between them. The hub’s profile and the server’s store are on the disk. In a room of 1,000 the members are ' +
    'clients, which verify and decrypt; in one of 5,000 they are connections that count what comes. The server has a core of its own ' +
    'where there are two; all others share the rest, the members at a lower priority.',
  'Links are cold after the start of the hub’s client. New prekeys: the first key of a room with members whom the hub has never met, and who are ' +
    'away. A slice is processor time of the main thread between two looks at its timers, 1 ms apart.',
];
