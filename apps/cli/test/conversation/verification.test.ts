/** `/verify` and its safety numbers. */
import { expect, test } from 'vitest';
import { FakeClient } from '../support/fake-client.ts';
import { fingerprint, view } from '../support/samples.ts';
import { setUp } from '../support/typing.ts';

test('/verify shows a safety number in groups, and marks the user as verified once the local user confirms it', async () => {
  const client = new FakeClient();
  const { type, shown } = setUp(client);
  await type('/verify bob');
  expect(shown.at(-1)).toMatch(/\n {4}10000 {2}10001 {2}10002 {2}10003\n {4}10004 .*\n {4}10008 .* 10011\n/);
  expect(shown.at(-1)).toContain('/verify alice');
  expect(client.verified).toEqual([]);
  await type('/verify bob same');
  expect(client.verified).toEqual([`bob ${fingerprint}`]);
  await type('/verify bob');
  expect(shown.at(-1)).toContain('compared before');
});

test('/verify marks no user whose number was not shown, or belonged to another key', async () => {
  const client = new FakeClient();
  const { type, shown } = setUp(client);
  for (const line of [
    '/verify',
    '/verify alice',
    '/verify alice same',
    '/verify Bob',
    '/verify bob yes',
    '/verify bob same',
  ])
    await type(line);
  expect(shown.at(-1)).toContain('Compare first');
  await type('/verify bob');
  await type('/verify carol same');
  client.theirs = 'cd'.repeat(32);
  await type('/verify bob same');
  expect(shown.at(-1)).toContain('has changed');
  await type('/verify bob same');
  expect(client.verified).toEqual([]);
});

test('/verify without a user shows the fingerprint of the log of this room, also at an earlier position', async () => {
  const client = new FakeClient(view('lobby'));
  const { conversation, type, shown } = setUp(client);
  await type('/verify');
  expect(shown.at(-1)).toContain('You are in no room');
  await conversation.enter(view('lobby'));
  await type('/verify');
  expect(shown.at(-1)).toMatch(/lobby up to position 7:\n {4}20700 {2}20701 {2}20702 {2}20703\n.*\n.* 20711\n/);
  expect(shown.at(-1)).toContain('/verify #7');
  await type('/verify #3');
  expect(shown.at(-1)).toMatch(/up to position 3:\n {4}20300 /);
  await type('/verify #8');
  expect(shown.at(-1)).toContain('positions 1 to 7');
});
