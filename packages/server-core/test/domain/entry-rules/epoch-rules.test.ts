/** Epochs without a change of members. */
import { entryHash, type SignedEntry } from '@chat/protocol';
import { expect, test } from 'vitest';
import { type EpochFields, epoch, join, message, newCid, wrapsFor } from '../../support/entries.ts';
import { outcomeOf } from '../../support/test-client.ts';
import { room, testServer } from '../../support/test-server.ts';

test('accepts an epoch without a change of members when it has a fresh key and a reason, and never a step', async () => {
  await using at = await testServer();
  const [alice, bob] = [await at.citizen('alice'), await at.citizen('bob')];
  const [aliceClient, bobClient] = [await at.login(alice), await at.login(bob)];
  const { id, head, key } = await room('den', [{ who: alice, client: aliceClient }]);
  const append = (client: typeof aliceClient, entry: SignedEntry) =>
    outcomeOf(client.request('append', { room: id, cid: newCid(), entry }));
  const attempt = async (fields: EpochFields) => {
    const { number, wraps } = fields;
    if (wraps.length > 0) await aliceClient.request('put-wraps', { room: id, number, wraps: [...wraps] });
    const entry = epoch(alice, id, fields);
    return { entry, code: await append(aliceClient, entry) };
  };

  const second = { number: 2, previous: entryHash(key), answers: head - 1 };
  expect((await attempt({ ...second, kind: 'step', reason: 'age', wraps: [] })).code).toBe('epoch-conflict');
  expect((await attempt({ ...second, reason: 'membership', wraps: wrapsFor(alice) })).code).toBe('epoch-conflict');
  const { entry, code } = await attempt({ ...second, reason: 'count', wraps: wrapsFor(alice) });
  expect(code).toBe('ok');

  expect(await append(aliceClient, message(alice, id, 2))).toBe('ok');
  expect(await append(bobClient, join(bob, id))).toBe('ok');
  const third = { number: 3, previous: entryHash(entry), answers: head + 3, wraps: wrapsFor(alice, bob) };
  expect((await attempt({ ...third, reason: 'count' })).code).toBe('epoch-conflict');
  expect((await attempt(third)).code).toBe('ok');
});
