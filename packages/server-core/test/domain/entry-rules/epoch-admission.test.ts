/** How the server counts entries and age under a key, which decides whether an epoch is one of the few that a member may force. */
import { limits, type Payload } from '@chat/protocol';
import { expect, test } from 'vitest';
import { admitEpoch } from '../../../src/domain/entry-rules/epoch-rules.ts';
import type { Room } from '../../../src/ports/room-store.ts';

const hourMs = 60 * 60 * 1_000;
const freshAt = 1_700_000_000_000;
const [aliceKey, bobKey] = ['a'.repeat(64), 'b'.repeat(64)];
const member = { key: 'AAAA', role: 'member' as const, roleSeq: 1, readsFrom: 1 };
const alice = { ...member, user: 'alice', fingerprint: aliceKey, joinedAt: 1 };
const bob = { ...member, user: 'bob', fingerprint: bobKey, joinedAt: 12, readsFrom: 12 };

/** A room of Alice whose third key is fresh, at position 10. */
const room: Room = {
  room: '1'.repeat(64),
  name: 'den',
  policy: { join: 'open', history: 'since-join' },
  createdAt: 1,
  head: 11,
  members: [alice],
  invited: [],
  removed: [],
  revoked: [],
  membershipSeq: 1,
  removalSeq: 0,
  epoch: { number: 3, v: 2, hash: 'e'.repeat(64), answers: 1, freshSeq: 10, freshAt },
};

const fourth = (fields: Partial<Payload<'epoch'>>): Payload<'epoch'> => ({
  v: 2,
  type: 'epoch',
  room: room.room,
  author: 'alice',
  head: { seq: room.head, hash: '0'.repeat(64) },
  number: 4,
  previous: 'e'.repeat(64),
  kind: 'fresh',
  reason: 'age',
  answers: 1,
  commitment: 'c'.repeat(64),
  wraps: '',
  at: 0,
  ...fields,
});

const admit = (state: Room, payload: Payload<'epoch'>, now = freshAt) =>
  admitEpoch(state, payload, { hash: 'f'.repeat(64), wraps: null, now });

test('a step leaves the count and the age of the key as they are, so that joins cannot keep a key in use', () => {
  const joined: Room = { ...room, head: 12, members: [alice, bob], membershipSeq: 12 };
  const step = admit(joined, fourth({ kind: 'step', reason: 'membership', answers: 12 }), freshAt + hourMs);
  expect(step.change.epoch).toEqual({ number: 4, v: 2, hash: 'f'.repeat(64), answers: 12, freshSeq: 10, freshAt });
  expect(step.leftOut).toEqual([bob]);
  const fresh = admit(joined, fourth({ reason: 'membership', answers: 12 }), freshAt + hourMs);
  expect(fresh.change.epoch).toMatchObject({ freshSeq: 13, freshAt: freshAt + hourMs });
  // Its author needs no wrap.
  expect(fresh.leftOut).toEqual([bob]);
});

test('an epoch for the age of a key is forced when the key is young by more than ten minutes, or unused', () => {
  const dueAt = freshAt + limits.freshKeyAge - 10 * 60 * 1_000;
  expect(admit(room, fourth({}), dueAt - 1).unforced).toBe(true);
  expect(admit(room, fourth({}), dueAt).unforced).toBe(false);
  expect(admit({ ...room, head: 10 }, fourth({}), dueAt).unforced).toBe(true);
  expect(admit(room, fourth({ reason: 'lost-key' }), dueAt).unforced).toBe(true);
});

test('no step follows an epoch of version 1, and a key for the age of such an epoch is not forced', () => {
  const before: Room = { ...room, epoch: room.epoch && { ...room.epoch, v: 1 } };
  const joined: Room = { ...before, head: 12, members: [alice, bob], membershipSeq: 12 };
  const step = fourth({ kind: 'step', reason: 'membership', answers: 12 });
  expect(() => admit(joined, step)).toThrow(expect.objectContaining({ code: 'epoch-conflict' }));
  expect(admit(joined, fourth({ reason: 'membership', answers: 12 })).change.epoch.v).toBe(2);
  expect(admit(before, fourth({})).unforced).toBe(false);
  expect(admit({ ...before, head: 10 }, fourth({})).unforced).toBe(false);
});

test('an epoch of version 1 is taken only from members who give it back, and never after one of version 2', () => {
  const before: Room = { ...room, epoch: room.epoch && { ...room.epoch, v: 1 } };
  const old = fourth({ v: 1, reason: 'lost-key' });
  const refused = expect.objectContaining({ code: 'entry-refused', message: expect.stringContaining('update') });
  expect(() => admitEpoch(before, old, { hash: '', wraps: { staged: null }, now: freshAt })).toThrow(refused);
  expect(() => admit(room, old)).toThrow(refused);
  expect(admit(before, old).change.epoch.v).toBe(1);
});
