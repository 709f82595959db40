/** Files between clients at a real server: sent, found, saved, and gone when their message is. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../src/index.ts';
import { bytesOf } from './support/file-world.ts';
import { lobbyOf } from './support/test-client.ts';
import { TestNetwork } from './support/test-network.ts';

const isOver = (event: ClientEvent): boolean =>
  event.kind === 'transfer' && ['done', 'failed'].includes(event.transfer.state);

test('a file reaches the members, also over a restart of the server, and goes with its message', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const folder = temporaryFolder().path;
  const path = join(folder, 'Quarterly report.pdf');
  const bytes = bytesOf(3_000_000);
  writeFileSync(path, bytes);
  await alice.client.files.send('lobby', path, { text: 'see page 3' });
  await network.restart();
  const sent = await alice.event(isOver);
  const seq = sent.kind === 'transfer' ? (sent.transfer.seq ?? 0) : 0;
  await bob.event((event) => event.kind === 'room' && event.event.seq === seq);
  const file = { name: 'Quarterly report.pdf', size: 3_000_000, type: 'application/pdf' };
  expect((await bob.client.messages.page('lobby')).at(-1)).toMatchObject({ seq, text: 'see page 3', file });
  for (const words of ['quarterly', 'page']) {
    expect((await bob.client.messages.search({ words })).hits, words).toMatchObject([{ seq }]);
  }
  await bob.client.files.save('lobby', seq, join(folder, 'saved.pdf'));
  expect(await bob.event(isOver)).toMatchObject({ transfer: { state: 'done', path: join(folder, 'saved.pdf') } });
  expect(readFileSync(join(folder, 'saved.pdf')).equals(bytes)).toBe(true);

  await alice.client.messages.delete('lobby', seq);
  await bob.event((event) => event.kind === 'room' && event.event.kind === 'deleted');
  expect((await bob.client.messages.page('lobby')).at(-1)).not.toHaveProperty('file');
  expect((await bob.client.messages.search({ words: 'quarterly' })).hits).toEqual([]);
  await expect(bob.client.files.save('lobby', seq, folder)).rejects.toMatchObject({ code: 'no-file-sent' });
});
