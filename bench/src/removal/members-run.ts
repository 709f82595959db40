/** Some members of the room, in one process: clients, or connections that only count the entries that come. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { ClientEvent, Stored } from '@chat/client';
import { type RoomState, restoredRoom, UserMap } from '@chat/room';
import { authorityOf, certifiedAt, newClient } from '../client/new-client.ts';
import { chat } from '../fanout/dialects/chat.ts';
import { userAt, type World } from '../fanout/world.ts';
import { type Crowd, hub } from './crowd.ts';

/** What the process is started with. */
export interface MembersStart {
  readonly worldFile: string;
  /** File with the `Crowd`. */
  readonly crowdFile: string;
  /** Numbers of the users, from `first` up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
  /** False: a connection for each member that reads nothing, because so many clients would not fit the memory. */
  readonly areClients: boolean;
}

/** What the process is asked for: to connect or disconnect all, or when each of so many members has come to the next key or text. */
export type MembersOrder =
  /** Connects those users whose number is below `end`. */
  { readonly do: 'connect'; readonly end: number } | { readonly do: 'disconnect' | 'watch' | 'answer' };

/** When each member came to it, in ms of Unix time, and the processor time of all of them since the order to watch, in ms. */
export interface MembersFigures {
  readonly at: readonly number[];
  readonly cpuMs: number;
}

/** One member. */
interface Member {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

const [start] = (await once(process, 'message')) as [MembersStart];
// These members are other machines, so the hub and the server come first.
setPriority(10);
const world = JSON.parse(readFileSync(start.worldFile, 'utf8')) as World;
const crowd = JSON.parse(readFileSync(start.crowdFile, 'utf8')) as Crowd;
const now = (): number => performance.timeOrigin + performance.now();
const at: number[] = [];
let since = process.cpuUsage();

/** Where the next connection of the members' clients or lines goes on reading. All share what is equal. */
const state = restoredRoom(crowd.state);
const pins = UserMap.of(
  Object.fromEntries([...state.members].map(([, { user, fingerprint }]) => [user, { fingerprint, verified: false }])),
);
const authority = authorityOf(world);

function client(index: number): Member {
  const { user, fingerprint, identityKey } = userAt(world, index);
  const prekey = crowd.prekeys[index];
  if (prekey === undefined) throw new Error(`The user ${user} has no prekey.`);
  const { port } = crowd.ports;
  const own: RoomState = { ...state, me: fingerprint };
  let stored: Stored = {
    ...{ v: 2, pins, prekeys: [prekey], seenPrekeys: {}, knocked: {} },
    certified: certifiedAt(world, index, port),
    rooms: { [state.room]: { name: hub.room, state: own, outbox: [] } },
  };
  const keep = (newest: Stored): void => {
    stored = newest;
  };
  let close = async (): Promise<void> => undefined;
  return {
    async connect() {
      const made = newClient({ user, identityKey, authority, port, stored, keep });
      close = () => made.close();
      const read = new Promise<void>((resolve) => {
        made.subscribe((event) => {
          if (event.kind === 'caught-up') resolve();
          note(user, event);
        });
      });
      await persistently(() => made.connect());
      await read;
    },
    disconnect: () => close(),
  };
}

function note(user: string, event: ClientEvent): void {
  if (event.kind === 'trouble' || event.kind === 'key-wanted') console.error(user, JSON.stringify(event));
  if (event.kind !== 'room') return;
  const { kind } = event.event;
  if (kind === 'violation' || kind === 'unreadable') console.error(user, event.event);
  if (event.live && (kind === 'epoch' || kind === 'message')) at.push(now());
}

function line(index: number): Member {
  const room = { id: state.room, head: state.head };
  const target = {
    dialect: 'chat',
    world,
    port: crowd.ports.port,
    pid: 0,
    rooms: [room],
    message: '',
    messageBytes: 0,
  } as const;
  let close = async (): Promise<void> => undefined;
  // The first entry is the removal, the second one the epoch.
  let entries = 0;
  const delivered = (count: number): void => {
    const before = Math.floor(entries / 2);
    entries += count;
    if (Math.floor(entries / 2) > before) at.push(now());
  };
  const ignore = (): void => undefined;
  return {
    async connect() {
      const opened = await chat(target, index, { acknowledged: ignore, refused: ignore, delivered });
      close = () => opened.close();
      await opened.follow([0]);
    },
    disconnect: () => close(),
  };
}

const numbers = Array.from({ length: start.end - start.first }, (_, place) => start.first + place);
const all = numbers.map((index) => ({ index, ...(start.areClients ? client(index) : line(index)) }));
let members: readonly Member[] = [];
const atOnce = 8;
const attempts = 5;
const retryMs = 2_000;

/** Tries again, because a server that is busy with the others ends connections that wait for long. */
async function persistently(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts) throw error;
      await setTimeout(retryMs);
    }
  }
}

async function forAll(work: (member: Member) => Promise<void>): Promise<void> {
  for (let from = 0; from < members.length; from += atOnce) {
    await Promise.all(members.slice(from, from + atOnce).map(work));
  }
}

async function carryOut(order: MembersOrder): Promise<MembersFigures | null> {
  switch (order.do) {
    case 'connect':
      members = all.filter(({ index }) => index < order.end);
      await forAll((member) => member.connect());
      return null;
    case 'disconnect':
      await forAll((member) => member.disconnect());
      return null;
    case 'watch':
      at.length = 0;
      since = process.cpuUsage();
      return null;
    case 'answer': {
      const { user, system } = process.cpuUsage(since);
      return { at: [...at], cpuMs: (user + system) / 1_000 };
    }
  }
}

process.on('message', (order: MembersOrder) => {
  void carryOut(order).then((figures) => process.send?.({ figures }));
});
process.once('disconnect', () => process.exit());
process.send?.({ figures: null });
