/** What a user waits for: catching up, joining a large room, opening a long one, a list of many rooms, one message of a script. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stored } from '@chat/client';
import { prekeyId, toBase64url, toHex } from '@chat/protocol';
import { createRoomCrypto, linkContext, type RoomState } from '@chat/room';
import type { Store } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { FilledRoom, fillRooms } from '../fanout/filled-room.ts';
import { range } from '../fanout/loads/load.ts';
import { startScript } from '../fanout/peers/script.ts';
import { createWorld, userAt, type World } from '../fanout/world.ts';
import { median, type Plan } from '../measure/measure.ts';
import { milliseconds } from '../measure/quantity.ts';
import { reportTables } from '../report/report.ts';
import type { Row } from '../report/table.ts';
import type { ClientFigures, ClientRun } from './client-run.ts';
import { authorityOf, certifiedAt } from './new-client.ts';
import { enrolSender, measureSend } from './sender.ts';
import { addUsers } from './users.ts';

const [messages, authors, hidden, listed] = [10_000, 20, 100_000, 9_900];
/** Members of the rooms that are joined. The largest room has 5,000. */
const crowds = [990, 4_990] as const;
/** The number of the first user who joins. */
const firstJoiner = Math.max(...crowds);
/** Users who join: one for each round. */
const joiners = 8;
/** The number of the user who reads on where she stopped. She has a prekey. */
const reader = 1;
const ours = 'chat';
const crypto = createRoomCrypto();

interface Prepared {
  readonly world: World;
  /** What the reader has stored: the state after the first key. */
  readonly stored: Stored;
}

const emptyStored: Stored = { v: 2, certified: null, pins: {}, prekeys: [], seenPrekeys: {}, knocked: {}, rooms: {} };

const crowdName = (size: number): string => `join-${size}`;

/** Fills the rooms. Their names are those of the tasks that they are for, and of their sizes. */
async function fill(store: Store, world: World): Promise<Prepared> {
  const prekey = crypto.newPrekey();
  const { fingerprint: me } = userAt(world, reader);
  const owner = userAt(world, 0).fingerprint;
  const opened = crypto.openLink({ recipient: prekey.publicKey, context: linkContext(world.caFingerprint, owner, me) });
  const link = opened && crypto.acceptLink(prekey, opened.opening, linkContext(world.caFingerprint, owner, me));
  if (opened === null || link === null) throw new Error('The link to the reader cannot be opened.');
  const busy = FilledRoom.create(store, world, 'catch-up', { links: new Map([[me, opened.link]]) });
  busy.join(range(1, authors));
  busy.rekey();
  const state: RoomState = { ...busy.state, me };
  busy.say(messages, authors);
  const large = crowds.map((size) => {
    const room = FilledRoom.create(store, world, crowdName(size));
    room.join(range(1, size));
    room.rekey();
    return room;
  });
  const long = FilledRoom.create(store, world, 'open');
  long.join(range(1, authors));
  long.sayHidden(hidden);
  await Promise.all([busy, ...large, long].map((room) => room.filled()));
  await fillRooms(store, world, listed);
  const since = Date.now();
  const [publicKey, seed] = [toBase64url(prekey.publicKey), toBase64url(prekey.seed)];
  return {
    world,
    stored: {
      ...emptyStored,
      prekeys: [{ seed, publicKey, madeAt: since - 8 * 24 * 60 * 60_000, since }],
      links: {
        senders: {},
        recipients: [
          { from: owner, id: link.id, prekey: toHex(prekeyId(publicKey)), link: link.toJSON(), seenAt: since },
        ],
        unconfirmed: [],
      },
      rooms: { [state.room]: { name: 'catch-up', state, outbox: [] } },
    },
  };
}

/** Starts a client, and resolves with what its task took. */
async function measure(run: ClientRun): Promise<ClientFigures> {
  const script = join(import.meta.dirname, 'client-run.ts');
  const child = spawn(process.execPath, [...process.execArgv, script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.send(run);
  const failed = once(child, 'exit').then(() => {
    throw new Error(`The client that should ${run.task} has ended.`);
  });
  const [figures] = (await Promise.race([once(child, 'message'), failed])) as [ClientFigures];
  await failed.catch(() => undefined);
  return figures;
}

function runOf(
  { task, room }: Pick<ClientRun, 'task' | 'room'>,
  index: number,
  { world, stored }: Prepared,
  port: number,
): ClientRun {
  const { user, identityKey } = userAt(world, index);
  const own = task === 'catch-up' ? stored : emptyStored;
  const withCertificate = { ...own, certified: certifiedAt(world, index, port) };
  return { task, room, user, identityKey, authority: authorityOf(world), port, stored: withCertificate };
}

interface ServerPorts {
  readonly port: number;
  readonly enrolmentPort: number;
}

/** Where the rounds of a task run. */
interface Site {
  readonly prepared: Prepared;
  readonly port: number;
  /** The folder of the profile of `chat send`. */
  readonly home: string;
}

interface Task {
  readonly task: ClientRun['task'] | 'send';
  readonly what: string;
  measure(site: Site, round: number): Promise<ClientFigures>;
}

/** @param userOf returns the user of a round: a user joins a room once. Default of `room`: the task's name */
const clientTask = (
  task: ClientRun['task'],
  what: string,
  { userOf, room = task }: { readonly userOf: (round: number) => number; readonly room?: string },
): Task => ({
  task,
  what,
  measure: ({ prepared, port }, round) => measure(runOf({ task, room }, userOf(round), prepared, port)),
});

const asReader = { userOf: () => reader };
const asJoiner = { userOf: (round: number) => firstJoiner + round };

const number = (value: number): string => value.toLocaleString('en');
const tasks: readonly Task[] = [
  { task: 'send', what: 'send one message with the program', measure: ({ home }) => measureSend(home) },
  clientTask('catch-up', `catch up on ${number(messages)} messages of ${authors}`, asReader),
  ...crowds.map((size) =>
    clientTask('join', `join a room of ${number(size)} members`, { ...asJoiner, room: crowdName(size) }),
  ),
  clientTask('open', `join and open a room with ${number(hidden)} messages`, asJoiner),
  clientTask('list', `list ${number(listed)} rooms`, asReader),
];

/** Measures what a user of the client waits for. */
export async function benchClient({ rounds }: Plan): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-bench-client-'));
  const selected = new RegExp(process.env['CHAT_BENCH_TASKS'] ?? '');
  const chosen = tasks.filter(({ task }) => selected.test(task));
  try {
    const world = createWorld(firstJoiner + joiners);
    const worldFile = join(folder, 'world.json');
    writeFileSync(worldFile, JSON.stringify(world));
    const path = join(folder, 'chat.db');
    const store = await openSqliteStore(path);
    await addUsers(store, world);
    const prepared = await fill(store, world);
    await store.close();
    const server = await startScript<ServerPorts>('chat-server.ts', { worldFile, store: path });
    const site = { prepared, port: server.port, home: join(folder, 'home') };
    await enrolSender(site.home, server.enrolmentPort);
    const figures = new Map<Task, ClientFigures[]>(chosen.map((task) => [task, []]));
    for (let round = 0; round < Math.min(rounds, joiners); round++) {
      for (const [task, measured] of figures) {
        measured.push(await task.measure(site, round));
      }
    }
    await server.stop();
    const rows = (figure: (each: ClientFigures) => number): Row[] =>
      chosen.map((task) => ({
        task: task.what,
        results: new Map([[ours, median((figures.get(task) ?? []).map(figure))]]),
      }));
    await reportTables('client', {
      plotted: [{ title: 'Time', quantity: milliseconds, ours, rows: rows(({ ms }) => ms) }],
      others: [
        { title: 'Processor time of the client', quantity: milliseconds, ours, rows: rows(({ cpuMs }) => cpuMs) },
      ],
      notes,
      written: chosen.length === tasks.length,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const notes = [
  'Each figure is that of a client in a new process, with nothing compiled yet, over mutual TLS, with a server on the same machine. ' +
    'Sending is `chat send` from the start of the process to its end. Catching up includes the connection and the login; the others ' +
    'begin after it.',
];
