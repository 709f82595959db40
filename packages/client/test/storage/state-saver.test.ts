/** A disk that does not accept the client's state: reported once, tried again, and reported when it is over. */
import { createMemoryFiles, type SegmentFiles } from '@chat/message-store';
import { createRoomCrypto } from '@chat/room';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
import { openMessages } from '../../src/messages/open-messages.ts';
import { StateSaver } from '../../src/storage/state-saver.ts';
import { emptyStored } from '../../src/storage/stored-state.ts';
import { ManualClock } from '../support/manual-clock.ts';

function setUp() {
  const clock = new ManualClock();
  const events: ClientEvent[] = [];
  const disk: { error: string | null; writes: number } = { error: null, writes: 0 };
  const vault = {
    save: async () => {
      disk.writes += 1;
      if (disk.error !== null) throw Object.assign(new Error(`${disk.error}: write`), { code: disk.error });
    },
    close: async () => {},
  };
  const emit = (event: ClientEvent) => void events.push(event);
  const memory = createMemoryFiles();
  /** The codes with which the folder of the messages fails. */
  const folder: { write: string | null; remove: string | null } = { write: null, remove: null };
  const failing = (code: string | null) => {
    if (code !== null) throw Object.assign(new Error(`${code}: messages`), { code });
  };
  const files: SegmentFiles = {
    ...memory,
    write: async (...file) => {
      failing(folder.write);
      await memory.write(...file);
    },
    removeOthers: async (kept) => {
      failing(folder.remove);
      await memory.removeOthers(kept);
    },
  };
  const messages = openMessages({
    ...{ files, stored: undefined, crypto: createRoomCrypto(), scheduler: clock, saveSoon: () => undefined },
    emit,
  });
  const snapshot = () => ({ ...emptyStored, messages: messages.stored });
  const saver = new StateSaver({ vault, messages, scheduler: clock, snapshot, emit });
  const add = (count: number, text = 'hello') =>
    messages.add(
      'room',
      Array.from({ length: count }, (_, at) => ({ seq: at + 1, user: 'bob', fingerprint: 'f', text, at: 0 })),
    );
  return { clock, events, disk, folder, messages, saver, add };
}

/** Returns the codes of the events. */
const codes = (events: readonly ClientEvent[]) =>
  events.map((event) =>
    'code' in event ? `${event.code}${event.kind === 'trouble-over' ? ' over' : ''}` : event.kind,
  );

test('reports a full disk once, with a sentence, and again when there is room', async () => {
  const { clock, events, disk, saver } = setUp();
  disk.error = 'ENOSPC';
  expect(await rejectedCode(saver.save())).toBe('not-stored');
  saver.saveSoon();
  await clock.advance(60_000);
  expect(disk.writes).toBeGreaterThan(5);
  expect(events).toMatchObject([{ kind: 'trouble', code: 'not-stored' }]);
  expect(JSON.stringify(events)).toMatch(/the disk is full: free some space/);
  expect(JSON.stringify(events)).not.toContain('ENOSPC');

  disk.error = null;
  await clock.advance(10_000);
  expect(events.slice(1)).toEqual([{ kind: 'trouble-over', code: 'not-stored' }]);
  const { writes } = disk;
  await clock.advance(60_000);
  expect(disk.writes).toBe(writes);
});

test.each(['EROFS', 'EDQUOT', 'EACCES', 'EIO', 'ESTALE'])('has no raw error in the sentence for %s', async (code) => {
  const { events, disk, saver } = setUp();
  disk.error = code;
  await saver.save().catch(() => undefined);
  expect(JSON.stringify(events)).toMatch(/cannot be stored, because [a-z]/);
  expect(JSON.stringify(events)).not.toContain(code);
});

test('rejects the last save with the sentence', async () => {
  const { disk, saver } = setUp();
  disk.error = 'ENOSPC';
  expect(await rejectedCode(saver.close(() => undefined))).toBe('not-stored');
});

describe('a folder of messages that the disk does not take', () => {
  test('keeps no state from being stored, is reported once, tried again, and reported when it is over', async () => {
    const { clock, events, disk, folder, messages, saver, add } = setUp();
    folder.write = 'EACCES';
    add(100);
    await saver.save();
    await saver.save();
    expect([disk.writes, codes(events)]).toEqual([2, ['messages-not-written']]);
    expect(JSON.stringify(events)).toMatch(/cannot be written, because the system denies access/);
    expect(JSON.stringify(events)).not.toContain('EACCES');
    expect(messages.stored.tail).toHaveLength(100);

    folder.write = null;
    await clock.advance(61_000);
    expect([messages.stored.tail, codes(events)]).toEqual([[], ['messages-not-written', 'messages-not-written over']]);
  });

  test('stores no state with more messages than it can have', async () => {
    const { disk, folder, saver, add } = setUp();
    folder.write = 'ENOSPC';
    add(9, 'x'.repeat(1024 * 1024));
    expect(await rejectedCode(saver.save())).toBe('not-stored');
    expect(await rejectedCode(saver.save())).toBe('not-stored');
    expect(disk.writes).toBe(0);
  });

  test('stores a state when files cannot be removed, and says that what was erased may be in them', async () => {
    const { clock, events, disk, folder, saver } = setUp();
    folder.remove = 'EBUSY';
    await saver.save();
    expect([disk.writes, codes(events)]).toEqual([1, ['messages-not-erased']]);
    folder.remove = null;
    await clock.advance(61_000);
    expect(codes(events)).toEqual(['messages-not-erased', 'messages-not-erased over']);
  });

  test('rejects an erasure that the disk does not take, and resolves one that it does', async () => {
    const { clock, events, folder, messages, saver, add } = setUp();
    add(100);
    messages.add('other', [{ seq: 1, user: 'bob', fingerprint: 'f', text: 'hello', at: 0 }]);
    await saver.save();
    await clock.advance(100);
    folder.write = 'ENOSPC';
    messages.erase('room');
    const failing = rejectedCode(saver.erased());
    await clock.advance(100);
    expect(await failing).toBe('not-erased');
    expect(codes(events)).toEqual(['messages-not-erased']);
    folder.write = null;
    const last = saver.erased();
    await clock.advance(100);
    await last;
    expect(codes(events)).toEqual(['messages-not-erased', 'messages-not-erased over']);
    expect(messages.stored.segments).toMatchObject([{ count: 1 }]);
  });

  test('is erased before the client closes, and the last state names what is there then', async () => {
    const { clock, messages, saver, add } = setUp();
    add(100);
    await saver.save();
    await clock.advance(100);
    messages.erase('room');
    const closing = saver.close(() => undefined);
    await clock.advance(100);
    await closing;
    expect(messages.stored.segments).toEqual([]);
  });
});
