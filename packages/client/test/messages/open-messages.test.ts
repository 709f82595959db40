/** What the client says of files of messages that it cannot read. */
import { createMemoryFiles, emptyMessages, MessageStoreError, type MessageStoreErrorCode } from '@chat/message-store';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/events.ts';
import { openMessages } from '../../src/messages/open-messages.ts';

const segment = {
  ...{ file: 'ab'.repeat(16), key: '', count: 1, bytes: 9, blocks: 1, directory: 9 },
  ...{ latest: 0, streams: [1], oldest: 0 },
};

/** Returns what the client reports of a file that fails with this code, however often it is read. */
async function reportsOf(problem: MessageStoreErrorCode): Promise<readonly ClientEvent[]> {
  const events: ClientEvent[] = [];
  const read = async (): Promise<never> => {
    throw new MessageStoreError(problem, 'a file cannot be read');
  };
  const messages = openMessages({
    files: { ...createMemoryFiles(), read },
    stored: { ...emptyMessages, next: 2, rooms: { red: { stream: 1 } }, segments: [segment] },
    crypto: { random: (bytes: number) => new Uint8Array(bytes) } as never,
    scheduler: { now: () => 0 } as never,
    saveSoon: () => undefined,
    emit: (event) => void events.push(event),
  });
  for (let count = 0; count < 2; count += 1) expect(await messages.page('red')).toEqual([]);
  return events;
}

test('reports each file of which messages are missing once, and tells one to restore from one that cannot be read', async () => {
  const [missing, damaged, unreadable] = await Promise.all(
    (['missing', 'damaged', 'unreadable'] as const).map(reportsOf),
  );
  for (const events of [missing, damaged, unreadable]) {
    expect(events).toMatchObject([{ kind: 'trouble', code: 'messages-damaged' }]);
  }
  expect(missing).toEqual(damaged);
  expect(unreadable).not.toEqual(damaged);
});
