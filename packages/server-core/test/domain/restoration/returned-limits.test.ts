/** What members can append by giving entries back: what was on the log before the server started, and no more. */
import { emptyLogHash, entryDomain, entryHash } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { longTest } from '@chat/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryStore } from '../../../src/contract/index.ts';
import { defaultLimits } from '../../../src/index.ts';
import { rowBytes } from '../../../src/throttle/stored-bytes.ts';
import { epoch, join, leave, message, remove } from '../../support/entries.ts';
import { type Given, RestoredRoom } from '../../support/restored-room.ts';
import { outcomeOf } from '../../support/test-client.ts';
import { viewAt } from '../../support/views.ts';
import { putWraps, wrapsFor } from '../../support/wraps.ts';

let den: RestoredRoom;
beforeEach(async () => {
  den = await RestoredRoom.start();
});
afterEach(() => den[Symbol.asyncDispose]());

test('takes nothing back for a room that has gone on since the server started', async () => {
  await den.loseTwo();
  await den.append(den.alice, den.signedMessage(den.alice, 3, 'bmV3'));
  const own = { at: 1, entry: den.signedMessage(den.bob, 4) };
  expect(await outcomeOf(den.give(den.bob, viewAt(den.id, 4), [own]))).toBe('entry-refused');
  expect(den.log).toHaveLength(4);
});

test('takes nothing back for a room in which a revocation was appended since the server started', async () => {
  const carol = await den.at.member('carol');
  await den.append(carol, join(carol.who, den.id, 3));
  await den.restart(() => {});
  await den.at.server.revoke('carol', 'cessationOfOperation');
  const own = { at: 1, entry: den.signedMessage(den.bob, 3) };
  expect(await outcomeOf(den.give(den.bob, viewAt(den.id, 5), [own]))).toBe('entry-refused');
});

test('lets no time go back, and none pass the start of the server', async () => {
  const read = await den.loseTwo();
  const latest = den.log?.at(-1)?.at ?? 0;
  const started = Date.now();
  const [, , , first, second] = read;
  await den.give(den.alice, viewAt(den.id, 3), [
    { ...first, at: 1 },
    { ...second, at: started + 60_000 },
  ]);
  const times = den.log?.map(({ at: time }) => time) ?? [];
  expect(times[3]).toBe(latest);
  expect(times[4]).toBeGreaterThanOrEqual(latest);
  expect(times[4]).toBeLessThanOrEqual(started);
});

/** Returns epochs that bob makes without need, one after another, of which the first is number 2 at position 4. */
function needlessEpochs(times: readonly number[]): Given[] {
  let previous = den.disk.rooms.get(den.id)?.epoch?.hash ?? '';
  return times.map((time, index) => {
    const fields = { number: index + 2, answers: 2, reason: 'lost-key', head: viewAt(den.id, 3), previous } as const;
    const entry = epoch(den.bob.who, den.id, { ...fields, wraps: [] });
    previous = entryHash(entry);
    return { at: time, entry };
  });
}

test('counts entries against the limits of their author at the times that they are given back with', async () => {
  const hour = 60 * 60_000;
  const interval = hour / defaultLimits.unforcedEpochsPerHour;
  await den.restart(() => {
    for (const entry of den.log ?? []) Object.assign(entry, { at: 1 });
    const state = den.disk.rooms.get(den.id);
    if (state !== undefined) den.disk.rooms.set(den.id, { ...state, createdAt: 1 });
  });
  // Twelve as often as the limit allows, then eight at once, of which the saved up ones pass.
  const atOnce = needlessEpochs(Array.from({ length: 20 }, (_, index) => hour + Math.min(index, 12) * interval));
  // The accomplice gives them back: they count for their author.
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 3), atOnce))).toBe('limit-reached');
  expect(den.log?.length).toBeGreaterThanOrEqual(3 + 12);
  expect(den.log?.length).toBeLessThan(3 + 20);
});

test('counts the bytes of messages for their author, and stores none on a full disk', async () => {
  await den.loseTwo({ limits: { messageBytesPerUserAndDay: 2 * rowBytes } });
  const own = [3, 3].map((seq, index) => ({ at: 1, entry: den.signedMessage(den.bob, seq, `dG9rZW${index}`) }));
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 3), own))).toBe('limit-reached');
  expect(den.log).toHaveLength(4);
  await den.restart(() => {}, { freeBytes: async () => 0 });
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 4), own.slice(1)))).toBe('storage-full');
});

test('does not bring back a room that the operator has deleted', async () => {
  const read = await den.entriesOf(den.alice.client, 3);
  const store = createMemoryStore(den.disk);
  await den.restart(() => {});
  await store.deleteRoom(den.id);
  expect(await outcomeOf(den.give(den.alice, { seq: 0, hash: emptyLogHash(den.id) }, read))).toBe('room-deleted');
  expect(den.disk.rooms.has(den.id)).toBe(false);
});

test('lets new entries wait until every member has given everything back', async () => {
  const read = await den.loseTwo();
  const [, , , first, second] = read;
  await den.give(den.alice, viewAt(den.id, 3), [first], false);
  // Bob was slower, and goes on from there.
  await den.give(den.bob, viewAt(den.id, 3), [first], false);
  const early = den.append(den.bob, den.signedMessage(den.bob, 4, 'ZWFybHk'));
  await den.give(den.alice, viewAt(den.id, 4), [], true);
  await den.give(den.bob, viewAt(den.id, 4), [second], true);
  expect(await early).toMatchObject({ seq: 6 });
  // One announcement for both of them.
  await den.alice.client.request('subscribe', { room: den.id, after: 6 });
  expect(den.at.log.lines.filter(({ level }) => level === 'warn')).toMatchObject([
    { fields: { first: 4, last: 5, by: ['alice', 'bob'] } },
  ]);
});

longTest('announces what a member gave back who does not go on, and lets new entries wait no longer', async () => {
  const read = await den.loseTwo();
  await den.bob.client.request('subscribe', { room: den.id, after: 3 });
  await den.give(den.alice, viewAt(den.id, 3), read.slice(3, 4), false);
  const waiting = den.append(den.bob, den.signedMessage(den.bob, 4, 'd2FpdGluZw'));
  expect(await den.bob.client.first('restored')).toMatchObject({ first: 4, last: 4, by: ['alice'] });
  expect(await waiting).toMatchObject({ seq: 5 });
});

test('announces at once what a member gives back when the room has waited for long enough', async () => {
  let now = Date.now();
  const read = await den.loseTwo({ clock: () => now });
  await den.bob.client.request('subscribe', { room: den.id, after: 3 });
  await den.give(den.alice, viewAt(den.id, 3), read.slice(3, 4), false);
  now += 180_000;
  await den.give(den.bob, viewAt(den.id, 4), [], true);
  await den.give(den.alice, viewAt(den.id, 4), [], true);
  await den.bob.client.first('restored');
  await den.give(den.alice, viewAt(den.id, 4), read.slice(4), false);
  expect(await den.append(den.bob, den.signedMessage(den.bob, 5, 'bmV3'))).toMatchObject({ seq: 6 });
  expect(den.bob.client.all('restored')).toMatchObject([
    { first: 4, last: 4, by: ['alice'] },
    { first: 5, last: 5, by: ['alice'] },
  ]);
});

test('lets new entries wait no longer when what is given back is refused', async () => {
  const read = await den.loseTwo();
  const [, , , first, second] = read;
  await den.give(den.alice, viewAt(den.id, 3), [first], false);
  const waiting = den.append(den.bob, den.signedMessage(den.bob, 4, 'd2FpdGluZw'));
  const forged = { ...second, entry: { ...second.entry, signature: Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1) } };
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 4), [forged], false))).toBe('entry-refused');
  expect(await waiting).toMatchObject({ seq: 5 });
});

test('takes back the join and the words of a user whose account is lost too, and keeps the name for that key', async () => {
  const backup = new Map(den.disk.rooms);
  const carol = await den.at.member('carol');
  await den.append(carol, join(carol.who, den.id, 3));
  await den.append(carol, leave(carol.who, den.id, 4));
  await den.append(carol, join(carol.who, den.id, 5));
  const wraps = wrapsFor(den.alice.who, den.bob.who, carol.who);
  const previous = den.disk.rooms.get(den.id)?.epoch?.hash ?? '';
  await putWraps(den.alice, { room: den.id, number: 2, wraps });
  const key = epoch(den.alice.who, den.id, { number: 2, answers: 6, previous, wraps, head: viewAt(den.id, 6) });
  await den.append(den.alice, key);
  const read = await den.entriesOf(den.alice.client, 7);
  const words = message(carol.who, den.id, 2, 'dG9rZW4', viewAt(den.id, 7));
  const signature = carol.who.signer.sign(entryDomain('message', den.id), words.payload);
  await den.restart(() => {
    den.forget(3, backup);
    den.disk.accounts.delete('carol');
  });
  await den.give(den.alice, viewAt(den.id, 3), read.slice(3, 7), false);
  const last = { at: Date.now(), entry: { ...words, signature } };
  await den.give(den.bob, viewAt(den.id, 7), [last], true);
  expect(den.log).toHaveLength(8);

  const mallory = await den.at.citizen('mallory');
  const { fingerprint, publicKey: identity } = mallory.signer;
  const account = { user: 'carol', enrolledAt: 1 };
  expect(await den.at.store.register({ ...account, fingerprint, identity }, null)).toBe('taken');
  const own = { fingerprint: carol.who.signer.fingerprint, identity: carol.who.signer.publicKey };
  expect(await den.at.store.register({ ...account, ...own }, null)).toBe('registered');
});

test('takes no join of an unknown user that another key has signed, nor of a name that is bound to another key', async () => {
  await den.restart(() => {});
  const { signer } = await den.at.citizen('mallory');
  const forged = { ...join({ user: 'zed', signer }, den.id, 3), by: den.alice.who.signer.fingerprint };
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 3), [{ at: 1, entry: forged }]))).toBe('entry-refused');
  const strangers = { ...join({ user: 'zed', signer }, den.id, 3), by: 'f'.repeat(64) };
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 3), [{ at: 1, entry: strangers }]))).toBe('unknown-user');
  const other = join({ user: 'carol', signer }, den.id, 3);
  await den.at.citizen('carol');
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 3), [{ at: 1, entry: other }]))).toBe('unknown-user');
});

test('bounds the users without an account whose joins a member may give back', async () => {
  await den.restart(() => {});
  const joins = Array.from({ length: 64 }, (_, index) => ({
    at: 1,
    entry: join({ user: `zed-${index}`, signer: generateSigner() }, den.id, 2),
  }));
  let hash = den.disk.logHashes.get(den.id)?.at(-1) ?? '';
  await den.give(den.bob, { seq: 3, hash }, joins.slice(0, 32), false);
  hash = den.disk.logHashes.get(den.id)?.at(-1) ?? '';
  expect(await outcomeOf(den.give(den.bob, { seq: 35, hash }, joins.slice(32), false))).toBe('limit-reached');
  expect(den.log).toHaveLength(3 + 60);
});

test('takes no more from a removed user', async () => {
  await den.append(den.alice, remove(den.alice.who, den.id, { about: den.bob.who, seq: 3 }));
  await den.restart(() => {});
  expect(await outcomeOf(den.give(den.bob, viewAt(den.id, 4), []))).toBe('removed');
});
