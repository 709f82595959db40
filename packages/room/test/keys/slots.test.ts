/** The list of an epoch's recipients, in which the place of each decides which wrap is whose. */
import { sha256Hex, toHex, utf8, wrapBytes } from '@chat/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyRoom, type RoomState, slotAt, slotRecipients, slotsCommitment, UserMap } from '../../src/index.ts';

const fingerprint = fc.nat(1_000_000).map((number) => sha256Hex(utf8(String(number))));
const seqs = fc.dictionary(fingerprint, fc.integer({ min: 1, max: 9 }), { maxKeys: 30 });

/** Returns a room whose latest epoch answers position 4. */
function roomOf(members: Readonly<Record<string, number>>, invited: Readonly<Record<string, number>>): RoomState {
  const room = emptyRoom('0'.repeat(64), 'f'.repeat(64));
  const users = <T>(given: Readonly<Record<string, number>>, more: (seq: number) => T) =>
    UserMap.of(
      Object.fromEntries(
        Object.entries(given).map(([each, seq]) => [each, { user: each, fingerprint: each, key: '', ...more(seq) }]),
      ),
    );
  const epoch = {
    v: 2,
    number: 1,
    hash: '',
    kind: 'fresh',
    author: '',
    answers: 4,
    commitment: '',
    wraps: '',
  } as const;
  return {
    ...room,
    epoch: { ...epoch, past: null },
    members: users(members, (joinedAt) => ({
      joinedAt,
      readsFrom: joinedAt,
      role: 'member' as const,
      roleSeq: joinedAt,
    })),
    invited: users(invited, (seq) => ({ seq, by: '' })),
  };
}

test('recipients have the order of their fingerprints, members and invited users mixed; a step has newcomers only', () => {
  fc.assert(
    fc.property(seqs, seqs, (members, invited) => {
      const state = roomOf(members, invited);
      const all = Object.entries({ ...invited, ...members });
      const names = (kind: 'fresh' | 'step') => slotRecipients(state, kind).map((each) => each.fingerprint);
      fc.pre(Object.keys(members).every((each) => !(each in invited)));
      expect(names('fresh')).toEqual(all.map(([each]) => each).sort());
      expect(names('step')).toEqual(all.flatMap(([each, seq]) => (seq > 4 ? [each] : [])).sort());
    }),
  );
});

test('an epoch names the wrap, the recipient and the place of each slot', () => {
  const recipients = slotRecipients(
    roomOf(Object.fromEntries(['a', 'b', 'c'].map((each) => [each.repeat(64), 1])), {}),
    'fresh',
  );
  const slots = Uint8Array.from({ length: 3 * wrapBytes }, (_, at) => (at < 2 * wrapBytes ? 1 + (at % 200) : 0));
  expect([slotAt(slots, 0)?.[0], slotAt(slots, 1)?.[0], slotAt(slots, 2)]).toEqual([1, 61, null]);
  const other = (change: (slots: Uint8Array) => void) => {
    const changed = slots.slice();
    change(changed);
    return slotsCommitment(recipients, changed);
  };
  const commitments = [
    slotsCommitment(recipients, slots),
    other((each) => each.fill(9, 0, 1)),
    other((each) => each.fill(0, 0, wrapBytes)),
    other((each) => each.copyWithin(2 * wrapBytes, wrapBytes, 2 * wrapBytes)),
    slotsCommitment(recipients.slice(0, 2), slots.subarray(0, 2 * wrapBytes)),
    slotsCommitment([...recipients.slice(1), ...recipients.slice(0, 1)], slots),
  ];
  expect(new Set(commitments).size).toBe(commitments.length);
  expect(toHex(slots.subarray(2 * wrapBytes))).toMatch(/^0+$/);
});
