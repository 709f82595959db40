/** A client program that has just started, as far as its messages go: opens the store in a process of its own, and reads once. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { MessageStore, type PageOptions, type SearchOptions, type StoredMessages } from '@chat/message-store';
import { openSegmentFolder } from '@chat/message-store/node';

/** What the process reads. */
export interface MessagesRun {
  readonly folder: string;
  readonly stored: StoredMessages;
  /** A page of a room, or a search. */
  readonly read: { readonly roomId: string; readonly page: PageOptions } | { readonly search: SearchOptions };
}

/** What the first reading took, and the same one again: wall-clock time and processor time of all threads. */
export interface MessagesFigures {
  readonly ms: number;
  readonly cpuMs: number;
  readonly againMs: number;
  /** How many messages it has returned. */
  readonly messages: number;
}

const [{ folder, stored, read }] = (await once(process, 'message')) as [MessagesRun];
const store = new MessageStore({
  files: openSegmentFolder(folder),
  random: (bytes) => new Uint8Array(randomBytes(bytes)),
  turn: () => setImmediate(),
  now: () => Date.now(),
  changed: () => undefined,
  damaged: () => {
    throw new Error('A segment is damaged.');
  },
  stored,
});

const readOnce = async (): Promise<number> =>
  'page' in read ? (await store.page(read.roomId, read.page)).length : (await store.search(read.search)).hits.length;

const [start, before] = [performance.now(), process.cpuUsage()];
const messages = await readOnce();
const ms = performance.now() - start;
const cpu = process.cpuUsage(before);
const again = performance.now();
await readOnce();
const figures: MessagesFigures = {
  ms,
  cpuMs: (cpu.user + cpu.system) / 1000,
  againMs: performance.now() - again,
  messages,
};
process.send?.(figures);
await store.close();
process.disconnect?.();
