/** Entries that members give back to a server whose store lacks them: checked as at first, and appended unchanged. */
import { emptyLogHash, limits, toBase64url } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { renewalOf, renewKey } from '../../support/enrolling.ts';
import { create, decline, epoch, invite, join, leave, newCid, signed } from '../../support/entries.ts';
import { RestoredRoom } from '../../support/restored-room.ts';
import { outcomeOf } from '../../support/test-client.ts';
import { UnsteadyStore } from '../../support/unsteady-store.ts';
import { noHash, viewAt } from '../../support/views.ts';
import { putWraps, wrapsFor } from '../../support/wraps.ts';

let den: RestoredRoom;
beforeEach(async () => {
  den = await RestoredRoom.start();
});
afterEach(() => den[Symbol.asyncDispose]());

test('appends entries unchanged with their times, and informs the members who follow the room', async () => {
  const read = await den.loseTwo();
  const { head } = await den.bob.client.request('subscribe', { room: den.id, after: 5 });
  expect(head).toBe(3);
  expect(await den.give(den.alice, viewAt(den.id, 3), read.slice(3), false)).toEqual({
    head: 5,
    hash: viewAt(den.id, 5).hash,
  });
  expect(await den.give(den.alice, viewAt(den.id, 5), [], true)).toMatchObject({ head: 5 });
  expect(await den.bob.client.first('restored')).toMatchObject({
    first: 4,
    last: 5,
    since: read[3]?.at,
    by: ['alice'],
  });
  expect((await den.entriesOf(den.alice.client, 5)).slice(-5)).toEqual(read);
});

test('tells a member with more of the log where its own ends, with the log hash there', async () => {
  await den.loseTwo();
  expect(await den.alice.client.request('subscribe', { room: den.id, after: 5 })).toMatchObject({
    head: 3,
    hash: viewAt(den.id, 3).hash,
  });
  expect(await den.alice.client.request('subscribe', { room: den.id, after: 2 })).toMatchObject({
    hash: viewAt(den.id, 2).hash,
  });
});

test('appends nothing when another member was faster, and refuses another log', async () => {
  const read = await den.loseTwo();
  const both = await Promise.all([
    den.give(den.alice, viewAt(den.id, 3), read.slice(3)),
    den.give(den.bob, viewAt(den.id, 3), read.slice(3)),
  ]);
  expect(both.map(({ head }) => head)).toEqual([5, 5]);
  expect(den.log).toHaveLength(5);
  expect(await den.give(den.bob, viewAt(den.id, 3), read.slice(3))).toMatchObject({ head: 5 });
  expect(await outcomeOf(den.give(den.bob, { seq: 4, hash: noHash }, []))).toBe('other-log');
});

test('answers a member who was slower only when what the other one gave back is durable', async () => {
  const unsteady = new UnsteadyStore(den.disk);
  const read = await den.loseTwo({ store: unsteady.store });
  const carol = await den.at.member('carol');
  const holding = async (count: number) => {
    while (unsteady.waiting < count) await carol.client.request('ping', {});
  };
  // Both requests read the log while its end is the same.
  unsteady.holdReads = true;
  const both = [den.alice, den.bob].map((member) => den.give(member, viewAt(den.id, 3), read.slice(3)));
  await holding(2);
  unsteady.holdReads = false;
  unsteady.plan = [{ hold: 'before' }, { hold: 'before' }];
  unsteady.release();
  await holding(2);
  // An answer that was sent too early would arrive before the answers to these.
  for (let count = 0; count < 20; count++) await carol.client.request('ping', {});
  unsteady.release();
  expect((await Promise.all(both)).map(({ head }) => head)).toEqual([5, 5]);
});

test('refuses a message that its author did not sign, and one that is on the log already', async () => {
  const read = await den.loseTwo();
  const forged = read
    .slice(3)
    .map((each) => ({ ...each, entry: { ...each.entry, signature: Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1) } }));
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 3), forged))).toBe('entry-refused');
  await den.give(den.alice, viewAt(den.id, 3), read.slice(3));
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 5), read.slice(3, 4)))).toBe('entry-refused');
  expect(den.log).toHaveLength(5);
});

test('takes a message back whose author view is older than the hashes that it reads first, and only once', async () => {
  const late = den.signedMessage(den.bob, 3);
  const others = Array.from({ length: limits.viewEntries + 40 }, () => den.signedMessage(den.alice, 3));
  const appendOthers = () => Promise.all(others.map((entry) => den.append(den.alice, entry)));
  await appendOthers();
  const head = den.log.length;
  const backup = new Map(den.disk.rooms);
  await den.append(den.bob, late);
  await den.restart(() => den.forget(head, backup));

  const given = [{ at: 1, entry: late }];
  expect(await den.give(den.bob, viewAt(den.id, head), given)).toMatchObject({ head: head + 1 });
  await appendOthers();
  // A server takes entries back for rooms only that have not gone on since its start.
  await den.restart();
  const end = viewAt(den.id, den.log.length);
  expect(await outcomeOf(den.give(den.bob, end, given))).toBe('entry-refused');
});

test('appends the entries before the one that it refuses', async () => {
  const read = await den.loseTwo();
  const [, , , first, second] = read;
  const forged = { ...second, entry: { ...second.entry, signature: Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1) } };
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 3), [first, forged, second]))).toBe('entry-refused');
  expect(den.log).toHaveLength(4);
});

test('believes no time from the future', async () => {
  const read = await den.loseTwo();
  await den.give(
    den.alice,
    viewAt(den.id, 3),
    read.slice(3).map((each) => ({ ...each, at: 8_640_000_000_000_000 })),
  );
  expect(den.log?.every(({ at: time }) => time <= Date.now())).toBe(true);
});

test('takes a room back that it does not know, with invitations, a removal, an epoch and a revocation', async () => {
  const carol = await den.at.member('carol');
  await den.append(den.alice, invite(den.alice.who, den.id, { about: carol.who, seq: 3 }));
  await den.append(carol, join(carol.who, den.id, 4));
  await den.append(den.bob, leave(den.bob.who, den.id, 5));
  const wraps = wrapsFor(den.alice.who, carol.who);
  const answered = { number: 2, answers: 6, previous: '', wraps, head: viewAt(den.id, 6) };
  const previous = den.disk.rooms.get(den.id)?.epoch?.hash ?? '';
  await putWraps(den.alice, { room: den.id, number: 2, wraps });
  await den.append(den.alice, epoch(den.alice.who, den.id, { ...answered, previous }));
  await den.at.server.revoke('carol', 'cessationOfOperation');
  const read = await den.entriesOf(den.alice.client, 8);
  const before = structuredClone(den.disk.rooms.get(den.id));

  await den.restart(() => {
    den.forget(0, new Map());
    den.disk.names.clear();
  });
  const start = { seq: 0, hash: emptyLogHash(den.id) };
  expect(await outcomeOf(den.give(den.bob, viewAt(den.id, 3), read.slice(3)))).toBe('not-a-member');
  expect(await den.give(den.alice, start, read)).toMatchObject({ head: 8, hash: viewAt(den.id, 8).hash });
  // The rules and the log read the clock one after the other.
  const { epoch: key, ...others } = den.disk.rooms.get(den.id) ?? {};
  const { epoch: keyBefore, ...othersBefore } = before ?? {};
  expect(others).toEqual(othersBefore);
  expect(key).toEqual({ ...keyBefore, freshAt: read[6]?.at });
});

test('takes a join back by an invitation that has ended since', async () => {
  const { who, client } = den.alice;
  const { entry, room: attic } = create(who, 'attic', { join: 'invite', history: 'since-join' });
  await client.request('create-room', { cid: newCid(), entry });
  const entries = [invite(who, attic, { about: den.bob.who, seq: 1 }), join(den.bob.who, attic, 2)];
  for (const [index, each] of entries.entries()) {
    const by = index === 0 ? den.alice : den.bob;
    await by.client.request('append', { room: attic, cid: newCid(), entry: each });
  }
  await den.restart(() => {
    for (const map of [den.disk.rooms, den.disk.logs, den.disk.logHashes]) map.delete(attic);
    den.disk.names.delete('attic');
  });
  const month = 31 * 24 * 60 * 60 * 1000;
  const given = [entry, ...entries].map((each, index) => ({ at: index < 2 ? 1 : month, entry: each }));
  const request = { room: attic, after: { seq: 0, hash: emptyLogHash(attic) }, entries: given, done: true };
  expect(await den.alice.client.request('restore-entries', request)).toMatchObject({ head: 3 });
  expect(den.disk.logs.get(attic)?.map(({ at }) => at)).toEqual([1, 1, month]);
});

test('takes nothing from users who neither are members nor know the log', async () => {
  await den.loseTwo();
  const mallory = await den.at.member('mallory');
  expect(await outcomeOf(den.give(mallory, { seq: 3, hash: noHash }, []))).toBe('not-a-member');
  expect(await outcomeOf(den.give(mallory, viewAt(den.id, 2), []))).toBe('not-a-member');
  const { entry, room: other } = create(mallory.who, 'other');
  const stranger = join({ user: 'stranger', signer: mallory.who.signer }, other);
  const request = { room: other, after: { seq: 0, hash: emptyLogHash(other) }, done: true };
  const now = Date.now();
  expect(
    await outcomeOf(
      mallory.client.request('restore-entries', {
        ...request,
        entries: [entry, stranger].map((each) => ({ at: now, entry: each })),
      }),
    ),
  ).toBe('entry-refused');
});

test('takes back a decline, whose author is no member, also if the account of the author is lost', async () => {
  const carol = await den.at.member('carol');
  await den.append(den.alice, invite(den.alice.who, den.id, { about: carol.who, seq: 3 }));
  const backup = new Map(den.disk.rooms);
  await den.append(carol, decline(carol.who, den.id, 4));
  const read = await den.entriesOf(den.alice.client, 5);
  for (const account of [den.disk.accounts.get('carol'), undefined]) {
    await den.restart(() => {
      den.forget(4, backup);
      if (account === undefined) den.disk.accounts.delete('carol');
    });
    expect(await den.give(den.alice, viewAt(den.id, 4), read.slice(4))).toMatchObject({ head: 5 });
    expect(den.disk.rooms.get(den.id)).toMatchObject({ invited: [], removalSeq: 5 });
  }
});

test('lets a member go on giving back with a renewed key that the room does not have, and no other user of that name', async () => {
  const read = await den.loseTwo();
  const { who: before } = den.bob;
  const who = await renewKey(den.at, before);
  const bob = { ...den.bob, who, client: await den.at.login(who) };
  // Another member was faster.
  await den.give(den.alice, viewAt(den.id, 3), read.slice(3, 4));
  expect(await den.give(bob, viewAt(den.id, 3), read.slice(3))).toMatchObject({ head: 4 });
  expect(await den.give(bob, viewAt(den.id, 4), read.slice(4))).toMatchObject({ head: 5 });
  den.disk.renewals.delete('bob');
  expect(await outcomeOf(den.give(bob, viewAt(den.id, 3), []))).toBe('not-a-member');
});

test('ends the sessions and links of a key whose renewal is given back', async () => {
  const { disk, id } = den;
  const [from, to] = [den.alice.who.signer.fingerprint, den.bob.who.signer.fingerprint];
  const eight = new Uint8Array(8);
  disk.links.set('to bob', { from, to, id: eight, prekey: eight, opening: eight, at: 1, isLost: false });
  await den.restart();
  const { who, client } = den.bob;
  const next = generateSigner();
  const renewal = renewalOf(
    { user: 'bob', before: who.signer, after: next },
    { serverId: den.at.server.serverId, number: 1, madeAt: 1 },
  );
  const chain = { first: toBase64url(who.signer.publicKey), renewals: [renewal] };
  const fields = { v: 1, room: id, type: 'renew-key', author: 'bob', at: 1 } as const;
  const entry = signed<'renew-key'>({ user: 'bob', signer: next }, { ...fields, ...chain });
  expect(await den.give(den.alice, viewAt(id, 3), [{ at: 1, entry }])).toMatchObject({ head: 4 });
  expect(disk.accounts.get('bob')?.fingerprint).toBe(next.fingerprint);
  expect((await client.first('bye')).error).toMatchObject({ code: 'key-renewed' });
  await expect.poll(() => disk.links.has('to bob')).toBe(false);
});
