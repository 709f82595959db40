/** Wraps that a session has put for its next epoch. */
import { expect, test } from 'vitest';
import { StagedWraps } from '../../../src/domain/keys/staged-wraps.ts';

const recipients = new Uint8Array(96).map((_, at) => at);
const wrap = (filled: number) => new Uint8Array(60).fill(filled);
const epoch = (number: number, room = 'room', kind: 'fresh' | 'step' = 'fresh') => ({ room, number, kind });
/** The first byte of each slot. */
const taken = (staged: StagedWraps, of = epoch(1)) => {
  const list = staged.take(of);
  return list && [0, 1, 2].map((index) => list.slots[60 * index]);
};

test('add up for one epoch, whichever comes first, and are taken once', () => {
  const staged = new StagedWraps();
  staged.put(epoch(1), recipients, new Map([[2, wrap(3)]]));
  staged.put(
    epoch(1),
    recipients,
    new Map([
      [0, wrap(1)],
      [1, wrap(9)],
    ]),
  );
  staged.put(
    epoch(1),
    recipients,
    new Map([
      [1, wrap(2)],
      [2, null],
    ]),
  );
  expect(staged.take(epoch(2))).toBeNull();
  expect(taken(staged)).toEqual([1, 2, 0]);
  expect(taken(staged)).toBeNull();
});

test('are replaced by those of another number, another kind, or other recipients', () => {
  const staged = new StagedWraps();
  staged.put(epoch(1), recipients, new Map([[0, wrap(1)]]));
  staged.put(epoch(2), recipients, new Map([[1, wrap(2)]]));
  expect(taken(staged)).toBeNull();
  expect(taken(staged, epoch(2))).toEqual([0, 2, 0]);
  staged.put(epoch(2), recipients, new Map([[0, wrap(1)]]));
  staged.put(epoch(2, 'room', 'step'), recipients, new Map([[1, wrap(2)]]));
  expect(taken(staged, epoch(2))).toBeNull();
  expect(taken(staged, epoch(2, 'room', 'step'))).toEqual([0, 2, 0]);
  staged.put(epoch(3), recipients, new Map([[0, wrap(1)]]));
  staged.put(
    epoch(3),
    recipients.map((byte) => byte + 1),
    new Map([[1, wrap(2)]]),
  );
  expect(taken(staged, epoch(3))).toEqual([0, 2, 0]);
});

test('are bounded in rooms: the ones that were put first are dropped', () => {
  const staged = new StagedWraps();
  for (let index = 0; index < 4; index++) staged.put(epoch(1, `room ${index}`), recipients, new Map([[0, wrap(1)]]));
  staged.put(epoch(1, 'room 0'), recipients, new Map([[1, wrap(2)]]));
  staged.put(epoch(1, 'one more'), recipients, new Map([[0, wrap(1)]]));
  expect(taken(staged, epoch(1, 'room 1'))).toBeNull();
  expect(taken(staged, epoch(1, 'room 0'))).toEqual([1, 2, 0]);
  expect(taken(staged, epoch(1, 'one more'))).toEqual([1, 0, 0]);
});
