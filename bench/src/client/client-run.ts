/** One client in a process of its own: connects, does one thing, and answers how long that took. */
import { once } from 'node:events';
import type { ClientEvent, Stored } from '@chat/client';
import { restoredRoom } from '@chat/room';
import { type NewClientOptions, newClient } from './new-client.ts';

/** What the client does. */
export interface ClientRun extends NewClientOptions {
  /**
   * `catch-up`: connects and reads the room to its end. `join`: joins it, and `open`: joins it and reads it to its end, both after
   * it has connected. `list`: lists all rooms of the server, after it has connected.
   */
  readonly task: 'catch-up' | 'join' | 'open' | 'list';
  readonly room: string;
}

/** What it took: wall-clock time, processor time of all threads, and memory at the end. */
export interface ClientFigures {
  readonly ms: number;
  readonly cpuMs: number;
  readonly residentMb: number;
  readonly messages: number;
}

/** Returns the state with the rooms as a profile has them after a start. */
function opened(stored: Stored): Stored {
  const rooms = Object.entries(stored.rooms).map(([id, room]) => [id, { ...room, state: restoredRoom(room.state) }]);
  return { ...stored, rooms: Object.fromEntries(rooms) as Stored['rooms'] };
}

const [run] = (await once(process, 'message')) as [ClientRun];
const { room, task } = run;
const client = newClient({ ...run, stored: opened(run.stored) });
let messages = 0;
const isEnd = (event: ClientEvent): boolean => event.kind === 'caught-up' && event.roomName === room;
const caughtUp = new Promise<void>((resolve) => {
  client.subscribe((event) => {
    if (event.kind === 'room' && event.event.kind === 'message') messages += 1;
    if (event.kind === 'room' && event.event.kind === 'violation') console.error(event.event);
    if (event.kind === 'trouble') console.error(event);
    if (isEnd(event)) resolve();
  });
});

const tasks: Readonly<Record<ClientRun['task'], () => Promise<unknown>>> = {
  'catch-up': async () => {
    await client.connect({ replaceOthers: true });
    await caughtUp;
  },
  join: () => client.joinRoom(room),
  open: async () => {
    await client.joinRoom(room);
    await caughtUp;
  },
  list: () => client.listRooms(),
};
if (task !== 'catch-up') await client.connect({ replaceOthers: true });
const [start, before] = [performance.now(), process.cpuUsage()];
await tasks[task]();
const ms = performance.now() - start;
const cpu = process.cpuUsage(before);
const figures: ClientFigures = {
  ms,
  cpuMs: (cpu.user + cpu.system) / 1_000,
  residentMb: process.memoryUsage.rss() / 1e6,
  messages,
};
process.send?.(figures);
await client.close();
process.disconnect?.();
