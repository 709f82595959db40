/** The client of the room's hub, in a process of its own, with its profile on the disk. */
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { ChatClient, ClientEvent } from '@chat/client';
import { listProfiles, openProfile } from '@chat/client/node';
import { Slices } from '../measure/slices.ts';
import { hub } from './crowd.ts';

/** What the process is asked for: to make the key that is due after the connection, to remove a member, or to say something. */
export type HubOrder =
  | { readonly do: 'connect'; readonly expectsKey: boolean }
  | { readonly do: 'remove'; readonly user: string }
  | { readonly do: 'say'; readonly text: string }
  | { readonly do: 'close' };

/** What it took. Times are in ms of Unix time. */
export interface HubFigures {
  readonly startedAt: number;
  /** When the log showed the removal, or the connection was there. */
  readonly dueAt: number;
  /** When the log showed the new key. */
  readonly keyAt: number;
  /** Processor time of all threads from `dueAt` to `keyAt`, in ms. */
  readonly cpuMs: number;
  /** The longest time for which other work waited for the main thread, in ms of processor time. */
  readonly longestSliceMs: number;
}

const now = (): number => performance.timeOrigin + performance.now();
const slices = new Slices();
const { home } = ((await once(process, 'message')) as [{ readonly home: string }])[0];
const [profile] = await listProfiles(home);
if (profile === undefined) throw new Error('The hub has no profile.');
const client: ChatClient = await openProfile(profile, hub.password);
client.subscribe((event) => {
  if (event.kind === 'room' && event.event.kind === 'violation') console.error('hub', event.event);
  if (event.kind === 'trouble' || event.kind === 'left-out') console.error('hub', event.kind, JSON.stringify(event));
});

/** Resolves with the next event for which `isIt` is true. */
function next(isIt: (event: ClientEvent) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const end = client.subscribe((event) => {
      if (!isIt(event)) return;
      end();
      resolve();
    });
  });
}

const isKey = (event: ClientEvent): boolean => event.kind === 'room' && event.event.kind === 'epoch';
const isRemoval = (event: ClientEvent): boolean => event.kind === 'room' && event.event.kind === 'removed';
const isReadUp = (event: ClientEvent): boolean => event.kind === 'caught-up';

/** The state is stored this long after the key at the latest: that is a part of the work. */
const storedMs = 600;

/**
 * Measures a key.
 *
 * @param due resolves when it is to be made
 */
async function measure(begin: () => Promise<unknown>, due: Promise<void>): Promise<HubFigures> {
  const made = next(isKey);
  const [startedAt, begun] = [now(), begin()];
  await due;
  const [dueAt, before] = [now(), process.cpuUsage()];
  slices.start();
  await made;
  const keyAt = now();
  const { user, system } = process.cpuUsage(before);
  await begun;
  await setTimeout(storedMs);
  return { startedAt, dueAt, keyAt, cpuMs: (user + system) / 1_000, longestSliceMs: slices.stop() };
}

async function carryOut(order: HubOrder): Promise<HubFigures | null> {
  switch (order.do) {
    case 'connect': {
      const due = next(isReadUp);
      // It forgets its links, because the copy of the profile that it replaces may have used them.
      const connect = () => client.connect({ replaceOthers: true });
      if (order.expectsKey) return measure(connect, due);
      await Promise.all([connect(), due]);
      return null;
    }
    case 'remove':
      return measure(() => client.removeMember(hub.room, order.user), next(isRemoval));
    case 'say':
      await client.send(hub.room, order.text);
      return null;
    case 'close':
      await client.close();
      return null;
  }
}

process.on('message', (order: HubOrder) => {
  void carryOut(order).then((figures) => process.send?.({ figures }));
});
process.once('disconnect', () => process.exit());
process.send?.({ figures: null });
