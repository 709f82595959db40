/** Epochs without a change of members, and how often a member may make the others wait for a key. */
import { entryHash, limits, type Payload, prekeySuite, type SignedEntry } from '@chat/protocol';
import { expect, test } from 'vitest';
import { admitEpoch } from '../../../src/domain/entry-rules/epoch-rules.ts';
import { type EpochFields, epoch, giveRole, invite, join, message, newCid, remove } from '../../support/entries.ts';
import { newXWingKey } from '../../support/prekeys.ts';
import { outcomeOf } from '../../support/test-client.ts';
import { room, type TestServer, testServer } from '../../support/test-server.ts';
import { noneFor, putWraps, wrapsFor } from '../../support/wraps.ts';

test('accepts an epoch without a change of members when it has a fresh key and a reason, and never a step', async () => {
  await using at = await testServer();
  const [alice, bob] = [await at.citizen('alice'), await at.citizen('bob')];
  const [aliceClient, bobClient] = [await at.login(alice), await at.login(bob)];
  const { id, head, key } = await room('den', [{ who: alice, client: aliceClient }]);
  const append = (client: typeof aliceClient, entry: SignedEntry) =>
    outcomeOf(client.request('append', { room: id, cid: newCid(), entry }));
  const attempt = async (fields: EpochFields) => {
    const { number, wraps } = fields;
    if (wraps.length > 0) await putWraps({ who: alice, client: aliceClient }, { room: id, number, wraps });
    const entry = epoch(alice, id, fields);
    return { entry, code: await append(aliceClient, entry) };
  };

  const second = { number: 2, previous: entryHash(key), answers: head - 1 };
  expect((await attempt({ ...second, kind: 'step', reason: 'age', wraps: [] })).code).toBe('epoch-conflict');
  expect((await attempt({ ...second, reason: 'membership', wraps: wrapsFor(alice) })).code).toBe('epoch-conflict');
  const { entry, code } = await attempt({ ...second, reason: 'age', wraps: wrapsFor(alice) });
  expect(code).toBe('ok');

  expect(await append(aliceClient, message(alice, id, 2))).toBe('ok');
  expect(await append(bobClient, join(bob, id))).toBe('ok');
  const third = { number: 3, previous: entryHash(entry), answers: head + 3, wraps: wrapsFor(alice, bob) };
  expect((await attempt({ ...third, reason: 'count' })).code).toBe('epoch-conflict');
  expect((await attempt(third)).code).toBe('ok');
});

const patient = { requestBurst: 100_000, byteBurst: 1e9 };

/** A room of Alice and Bob in which Alice makes one fresh key after another. */
async function keyMaker(at: TestServer) {
  const [alice, bob] = [await at.member('alice'), await at.member('bob')];
  const { id, key } = await room('den', [alice, bob]);
  const made = { latest: key, number: 1 };
  const makeKey = async (reason: 'age' | 'count' | 'lost-key', wraps = wrapsFor(alice.who, bob.who)) => {
    const number = made.number + 1;
    await putWraps(alice, { room: id, number, wraps });
    const entry = epoch(alice.who, id, { number, previous: entryHash(made.latest), answers: 2, wraps, reason });
    const outcome = await outcomeOf(alice.client.request('append', { room: id, cid: newCid(), entry }));
    if (outcome === 'ok') Object.assign(made, { latest: entry, number });
    return outcome;
  };
  return { alice, bob, id, makeKey };
}

test('accepts an epoch for the count of entries only when the log has grown by as many', async () => {
  await using at = await testServer({ limits: patient });
  const { makeKey, id } = await keyMaker(at);
  expect(await makeKey('count')).toBe('epoch-conflict');

  const state = await at.store.load(id);
  if (state === null || state.epoch === null) throw new Error('The room has no key.');
  const { number, hash: previous, freshSeq } = state.epoch;
  const payload: Payload<'epoch'> = {
    v: 2,
    type: 'epoch',
    room: id,
    author: 'alice',
    head: { seq: 1, hash: '' },
    number: number + 1,
    previous,
    kind: 'fresh',
    reason: 'count',
    answers: 2,
    commitment: '',
    wraps: '',
    at: 0,
  };
  const admit = (head: number) => admitEpoch({ ...state, head }, payload, { hash: '', wraps: null, now: 0 });
  expect(() => admit(freshSeq + limits.freshKeyEntries - 1)).toThrow();
  expect(admit(freshSeq + limits.freshKeyEntries)).toMatchObject({ unforced: false });
});

test('bounds the epochs of one member that the room does not require, and none that it requires', async () => {
  let now = Date.now();
  await using at = await testServer({ limits: { ...patient, unforcedEpochsPerHour: 3 }, clock: () => now });
  const { alice, id, makeKey } = await keyMaker(at);
  for (const reason of ['lost-key', 'age', 'lost-key'] as const) expect(await makeKey(reason)).toBe('ok');
  expect(await makeKey('lost-key')).toBe('limit-reached');
  expect(await makeKey('age')).toBe('limit-reached');
  now += 20 * 60 * 1_000;
  expect(await makeKey('lost-key')).toBe('ok');
  expect(await makeKey('lost-key')).toBe('limit-reached');
  const said = { room: id, cid: newCid(), entry: message(alice.who, id, 5) };
  expect(await outcomeOf(alice.client.request('append', said))).toBe('ok');
  // The key is old by the server's clock too. By now the quota is full again, and this epoch takes nothing of it.
  now += limits.freshKeyAge;
  expect(await makeKey('age')).toBe('ok');
  for (const reason of ['age', 'lost-key', 'lost-key'] as const) expect(await makeKey(reason)).toBe('ok');
  expect(await makeKey('lost-key')).toBe('limit-reached');
});

test('bounds the epochs that leave out a user whose prekey the server has', async () => {
  let now = Date.now();
  await using at = await testServer({ limits: { ...patient, unforcedEpochsPerHour: 0 }, clock: () => now });
  const { alice, bob, id, makeKey } = await keyMaker(at);
  const aloneFor = () => [...wrapsFor(alice.who), ...noneFor(bob.who)];
  const grow = async (number: number) => {
    now += limits.freshKeyAge;
    await alice.client.request('append', { room: id, cid: newCid(), entry: message(alice.who, id, number) });
  };
  await grow(1);
  expect(await makeKey('age', aloneFor())).toBe('ok');
  const put = (prekey: string, madeAt: number) =>
    at.store.putPrekey(
      bob.who.user,
      { suite: prekeySuite, prekey, madeAt, signature: 'AAAA' },
      Number.MAX_SAFE_INTEGER,
    );
  // No member can open a link to these.
  await put('AAAA', 1);
  await grow(2);
  expect(await makeKey('age', aloneFor())).toBe('ok');
  await put(newXWingKey(), 8.64e15);
  await grow(3);
  expect(await makeKey('age', aloneFor())).toBe('ok');
  await at.store.putPrekey(
    bob.who.user,
    { suite: prekeySuite, prekey: newXWingKey(), madeAt: 1, signature: 'AAAA' },
    1,
  );
  await grow(4);
  expect(await makeKey('age', aloneFor())).toBe('limit-reached');
  expect(await makeKey('age', wrapsFor(alice.who, bob.who))).toBe('ok');
});

test('bounds the withdrawals of one member in one room, and says when to try again', async () => {
  let now = Date.now();
  const limits = { ...patient, withdrawalBurst: 2, withdrawalsPerHour: 6 };
  await using at = await testServer({ limits, clock: () => now });
  const [alice, bob] = [await at.member('alice'), await at.member('bob')];
  const { id, head } = await room('den', [alice]);
  let seq = head;
  const append = async (entry: SignedEntry) => {
    const outcome = await outcomeOf(alice.client.request('append', { room: id, cid: newCid(), entry }));
    if (outcome === 'ok') seq += 1;
    return outcome;
  };
  const invites = () => append(invite(alice.who, id, { about: bob.who, seq }));
  const withdraws = () => append(remove(alice.who, id, { about: bob.who, seq }));
  for (let count = 0; count < 2; count++) expect([await invites(), await withdraws()]).toEqual(['ok', 'ok']);
  expect(await invites()).toBe('ok');
  const refused = alice.client.request('append', {
    room: id,
    cid: newCid(),
    entry: remove(alice.who, id, { about: bob.who, seq }),
  });
  await expect(refused).rejects.toMatchObject({
    code: 'limit-reached',
    message: expect.stringContaining('10 minutes'),
  });
  expect(await append(giveRole(alice.who, id, 'member', { about: bob.who, seq }))).toBe('unknown-member');
  now += 10 * 60 * 1_000;
  expect(await withdraws()).toBe('ok');
});
