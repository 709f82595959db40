/** Replies, edits, deletions, reactions, actions and hiding between clients at a server. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../src/index.ts';
import { isKind } from './support/events.ts';
import { joined, lobbyOf } from './support/test-client.ts';
import { TestNetwork } from './support/test-network.ts';

const isSaid =
  (kind: string, seq: number) =>
  (event: ClientEvent): boolean =>
    event.kind === 'room' && event.event.kind === kind && event.event.seq === seq;

const withoutFingerprints = (page: readonly object[]) =>
  JSON.parse(JSON.stringify(page, (key, value) => (key === 'fingerprint' || key.endsWith('At') ? undefined : value)));

test('all members show what was said, answered, edited, deleted and reacted to, and show it again after a restart', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const [a, b] = [alice.client, bob.client];
  const { seq: lunch } = await a.send('lobby', 'lunch?');
  await bob.read('lunch?');
  await b.send('lobby', 'yes', { replyTo: lunch });
  await b.messages.react('lobby', lunch, 'ok');
  await b.send('lobby', 'is hungry', { action: true });
  const { seq: secret } = await b.send('lobby', 'the password is hunter2');
  await b.messages.delete('lobby', secret);
  const { seq: edited } = await a.messages.edit('lobby', lunch, 'dinner?');
  expect(await bob.event(isSaid('edited', edited))).toMatchObject({ about: { seq: lunch, text: 'dinner?' } });
  const shown = await b.messages.page('lobby');
  expect(shown).toMatchObject([
    { text: 'dinner?', editedAt: expect.any(Number), reactions: [{ user: 'bob', text: 'ok' }] },
    { text: 'yes', replyTo: { seq: lunch, user: 'alice', text: 'dinner?' } },
    { text: 'is hungry', action: true },
    { seq: secret, text: '', deletedBy: 'bob' },
  ]);
  expect(await a.messages.page('lobby')).toEqual(shown);
  for (const words of ['lunch', 'hunter2']) expect((await b.messages.search({ words })).hits).toEqual([]);
  expect((await b.messages.search({ words: 'dinner' })).hits).toMatchObject([{ seq: lunch, text: 'dinner?' }]);
  await b.trust('alice', a.fingerprint);
  const again = await bob.restart();
  await again.event(isKind('caught-up'));
  expect(await again.client.messages.page('lobby')).toEqual(shown);
  expect(JSON.stringify(again.stored()?.messages)).not.toContain('hunter2');
  await again.client.messages.react('lobby', lunch, null);
  expect((await again.client.messages.page('lobby'))[0]).not.toHaveProperty('reactions');
});

test('refuses what would not count', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const { seq } = await alice.client.send('lobby', 'mine');
  await bob.read('mine');
  const { messages } = bob.client;
  expect(await rejectedCode(messages.edit('lobby', seq, 'yours'))).toBe('not-yours');
  expect(await rejectedCode(messages.delete('lobby', seq))).toBe('not-yours');
  expect(await rejectedCode(messages.hide('lobby', seq))).toBe('not-allowed');
  expect(await rejectedCode(messages.react('lobby', 9999, 'ok'))).toBe('unknown-message');
  expect(await rejectedCode(bob.client.send('lobby', 'x', { replyTo: 1 }))).toBe('unknown-message');
  expect(await rejectedCode(messages.react('lobby', seq, 'x'.repeat(65)))).toBe('reaction-too-long');
  expect(await rejectedCode(messages.react('attic', seq, 'x'))).toBe('not-joined');
  const { seq: hidden } = await alice.client.messages.hide('lobby', seq);
  await bob.event(isSaid('hidden', hidden));
  expect(await rejectedCode(messages.react('lobby', seq, 'late'))).toBe('unknown-message');
});

test('shows a newcomer nothing of words about what was said before', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  const { seq } = await alice.client.send('lobby', 'before');
  const carol = await joined(network, 'carol', 'lobby');
  await alice.client.messages.edit('lobby', seq, 'before, edited');
  await alice.client.messages.react('lobby', seq, 'ok');
  await alice.client.send('lobby', 'an answer', { replyTo: seq });
  await carol.read('an answer');
  const page = await carol.client.messages.page('lobby');
  expect(withoutFingerprints(page)).toEqual([{ seq: seq + 5, user: 'alice', text: 'an answer', at: page[0]?.at }]);
  expect(
    carol.events.filter(({ kind, ...rest }) => kind === 'room' && JSON.stringify(rest).includes('violation')),
  ).toEqual([]);
});

test('keeps a change in the outbox over a restart, and says one with the same id once', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const { seq } = await alice.client.send('lobby', 'typo');
  await bob.read('typo');
  const cid = 'ab'.repeat(16);
  let kept: () => void = () => undefined;
  const isKept = new Promise<void>((resolve) => {
    kept = resolve;
  });
  const first = alice.client.messages.edit('lobby', seq, 'no typo', { cid, onKept: kept }).catch(() => null);
  await isKept;
  const again = await alice.restart();
  await first;
  const place = await again.client.messages.edit('lobby', seq, 'no typo', { cid });
  expect(await again.client.messages.edit('lobby', seq, 'ignored', { cid })).toEqual(place);
  await bob.event(isSaid('edited', place.seq));
  expect(await bob.client.messages.page('lobby')).toMatchObject([{ seq, text: 'no typo' }]);
});
