/** A disk that does not accept the client's state: reported once, tried again, and reported when it is over. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
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
  const saver = new StateSaver({ vault, scheduler: clock, snapshot: () => emptyStored, emit });
  return { clock, events, disk, saver };
}

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
