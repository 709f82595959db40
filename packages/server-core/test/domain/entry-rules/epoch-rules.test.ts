import { entryHash, type SignedEntry } from '@chat/protocol';
import { expect, test } from 'vitest';
import { type EpochFields, epoch, join, message, newCid, wrapsFor } from '../../support/entries.ts';
import { codeOf } from '../../support/test-client.ts';
import { room, testServer } from '../../support/test-server.ts';

test('an epoch may follow without a change of members: a fresh key with a reason, never a step', async () => {
  await using at = await testServer();
  const [ada, bob] = [await at.citizen('ada'), await at.citizen('bob')];
  const [adas, bobs] = [await at.login(ada), await at.login(bob)];
  const { id, head, key } = await room('den', [{ who: ada, client: adas }]);
  const append = (client: typeof adas, entry: SignedEntry) =>
    codeOf(client.request('append', { room: id, cid: newCid(), entry }));
  const attempt = async (fields: EpochFields) => {
    const { number, wraps } = fields;
    if (wraps.length > 0) await adas.request('put-wraps', { room: id, number, wraps: [...wraps] });
    const entry = epoch(ada, id, fields);
    return { entry, code: await append(adas, entry) };
  };

  const second = { number: 2, previous: entryHash(key), answers: head - 1 };
  expect((await attempt({ ...second, kind: 'step', reason: 'age', wraps: [] })).code).toBe('epoch-conflict');
  expect((await attempt({ ...second, reason: 'membership', wraps: wrapsFor(ada) })).code).toBe('epoch-conflict');
  const { entry, code } = await attempt({ ...second, reason: 'count', wraps: wrapsFor(ada) });
  expect(code).toBe('ok');

  expect(await append(adas, message(ada, id, 2))).toBe('ok');
  expect(await append(bobs, join(bob, id))).toBe('ok');
  const third = { number: 3, previous: entryHash(entry), answers: head + 3, wraps: wrapsFor(ada, bob) };
  expect((await attempt({ ...third, reason: 'count' })).code).toBe('epoch-conflict');
  expect((await attempt(third)).code).toBe('ok');
});
