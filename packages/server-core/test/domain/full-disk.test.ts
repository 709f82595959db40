/** A disk that is full up to the reserve: messages wait, and what protects the members still works. */
import { expect, test } from 'vitest';
import { create, leave, message, newCid } from '../support/entries.ts';
import { outcomeOf } from '../support/test-client.ts';
import { room, testServer } from '../support/test-server.ts';
import { UnsteadyStore } from '../support/unsteady-store.ts';

test('refuses messages and new rooms with a code of their own, and accepts leaves and revocations', async () => {
  let free = Number.MAX_SAFE_INTEGER;
  let now = Date.now();
  await using at = await testServer({ freeBytes: async () => free, clock: () => now });
  const [alice, bob, carol] = [await at.member('alice'), await at.member('bob'), await at.member('carol')];
  const { id, head } = await room('den', [alice, bob, carol]);
  const say = () => alice.client.request('append', { room: id, cid: newCid(), entry: message(alice.who, id, 1) });
  await say();

  free = 0;
  now += 1_000;
  expect(await outcomeOf(say())).toBe('storage-full');
  const den = create(alice.who, 'attic');
  expect(await outcomeOf(alice.client.request('create-room', { cid: newCid(), entry: den.entry }))).toBe(
    'storage-full',
  );
  await bob.client.request('append', { room: id, cid: newCid(), entry: leave(bob.who, id, head) });
  expect(await at.server.revoke('carol', 'keyCompromise')).toMatchObject({ rooms: 1 });

  free = Number.MAX_SAFE_INTEGER;
  // The room waits for a key after the departures: the disk is no reason any more.
  expect(await outcomeOf(say())).toBe('rekey-pending');
});

test('a store that fails again and again is logged once, and once when it works again', async () => {
  const unsteady = new UnsteadyStore();
  await using at = await testServer({ store: unsteady.store });
  const alice = await at.member('alice');
  const { id } = await room('den', [alice]);
  const say = () => alice.client.request('append', { room: id, cid: newCid(), entry: message(alice.who, id, 1) });
  unsteady.plan = [{ fail: 'before' }, { fail: 'before' }, { fail: 'before' }];
  for (let count = 0; count < 3; count++) expect(await outcomeOf(say())).toBe('internal');
  await say();
  await say();
  const lines = at.log.lines.filter(({ message: text }) => text.startsWith('the store'));
  expect(lines.map(({ level, fields }) => [level, fields])).toEqual([
    ['warn', { code: null, reason: 'disk full' }],
    ['info', { failures: 3 }],
  ]);
});
