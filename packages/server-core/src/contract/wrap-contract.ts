/** Contract of `WrapStore`. */
import assert from 'node:assert/strict';
import { type Fingerprint, fromHex, isWrapOf, type RoomId, toHex } from '@chat/protocol';
import type { Store } from '../ports/store.ts';
import { proofIn } from '../ports/wrap-sheet.ts';
import { createOf, declineOf, epochOf, hashOf, inviteOf, wrapOf, wrappedEpoch } from './fixtures.ts';
import type { ContractTest } from './subject.ts';

const room = hashOf('room');
const people = Array.from({ length: 70 }, (_, index) => hashOf(`person ${index}`));
/** Has no wrap in any epoch. */
const [leftOut = '', first = '', second = '', third = ''] = people;
const outsider = hashOf('outsider');

/** Appends epochs with a wrap for all of them but one. Returns what their entries name. */
async function appendEpochs(store: Store, roomId: RoomId, count: number, after = 1): Promise<string[]> {
  const commitments: string[] = [];
  for (let number = 1; number <= count; number++) {
    const { sheets, commitment } = wrappedEpoch(number, people, [leftOut]);
    await store.append(epochOf(roomId, after + number, 'alice', { number, answers: 1, to: [], sheets }));
    commitments.push(commitment);
  }
  return commitments;
}

/** Returns the numbers of the epochs of which the store has the right wrap. */
async function numbersOf(store: Store, recipient: Fingerprint, [from, to] = [1, 9], roomId = room): Promise<number[]> {
  const found = await store.findWraps(roomId, recipient, { from, to });
  for (const { number, wrap } of found) assert.equal(toHex(wrap), toHex(wrapOf(number, recipient)));
  return found.map(({ number }) => number);
}

const confirm = (store: Store, recipient: Fingerprint, [from, to]: readonly [number, number], roomId = room) =>
  store.confirmWraps([{ room: roomId, recipient, from, to }]);

/** Adds the tests of wraps. */
export function wrapContract(test: ContractTest): void {
  test('keeps the wraps of an epoch for each recipient, also after reopening', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice'));
    await appendEpochs(subject.store, room, 3);
    await subject.reopen();
    for (const person of people.slice(1)) assert.deepEqual(await numbersOf(subject.store, person), [1, 2, 3]);
    assert.deepEqual(await numbersOf(subject.store, first, [2, 2]), [2]);
    assert.deepEqual(await numbersOf(subject.store, first, [4, 9]), []);
    assert.deepEqual(await numbersOf(subject.store, leftOut), []);
    assert.deepEqual(await numbersOf(subject.store, outsider), []);
    assert.deepEqual(await numbersOf(subject.store, first, [1, 9], hashOf('no such room')), []);
  });

  test('stores no wrap of an epoch that is refused', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice'));
    await assert.rejects(appendEpochs(subject.store, room, 1, 5));
    assert.deepEqual(await numbersOf(subject.store, first), []);
  });

  test('erases what its recipient confirms, and nothing else', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice'));
    await appendEpochs(subject.store, room, 4);
    await confirm(subject.store, first, [2, 3]);
    await confirm(subject.store, outsider, [1, 4]);
    await confirm(subject.store, leftOut, [1, 4]);
    await confirm(subject.store, first, [2, 9], hashOf('no such room'));
    await subject.reopen();
    assert.deepEqual(await numbersOf(subject.store, first), [1, 4]);
    for (const person of people.slice(2)) assert.deepEqual(await numbersOf(subject.store, person), [1, 2, 3, 4]);
    await subject.store.confirmWraps([
      { room, recipient: second, from: 1, to: 1 },
      { room, recipient: first, from: 1, to: 1 },
      { room, recipient: second, from: 3, to: 4 },
      { room, recipient: second, from: 3, to: 4 },
    ]);
    assert.deepEqual(await numbersOf(subject.store, first), [4]);
    assert.deepEqual(await numbersOf(subject.store, second), [2]);
    assert.deepEqual(await numbersOf(subject.store, third), [1, 2, 3, 4]);
  });

  test('proves each wrap, also after others were erased', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice'));
    const [commitment = ''] = await appendEpochs(subject.store, room, 1);
    await subject.store.confirmWraps(
      people.filter((_, index) => index % 3 === 1).map((recipient) => ({ room, recipient, from: 1, to: 1 })),
    );
    await subject.reopen();
    for (const [index, person] of people.entries()) {
      const sheet = await subject.store.findSheet(room, person, 1);
      const proof = sheet && proofIn(sheet, person);
      if (proof === null) assert.fail('There is no proof.');
      assert.equal(proof.index, [...people].sort().indexOf(person));
      const erased = index % 3 === 1;
      if (erased) assert.equal(proof.wrap, null);
      else assert.equal(toHex(proof.wrap ?? new Uint8Array(1)), index === 0 ? '' : toHex(wrapOf(1, person)));
      const wrap = index === 0 ? null : wrapOf(1, person);
      assert.equal(isWrapOf(commitment, fromHex(person), { ...proof, wrap }), true);
    }
    assert.equal(await subject.store.findSheet(room, outsider, 1), null);
    assert.equal(await subject.store.findSheet(room, first, 2), null);
  });

  test('keeps no sheet without a wrap', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice'));
    await appendEpochs(subject.store, room, 1);
    await subject.store.confirmWraps(people.map((recipient) => ({ room, recipient, from: 1, to: 1 })));
    for (const person of people) assert.equal(await subject.store.findSheet(room, person, 1), null);
    const { rows } = await subject.store.expireWraps({ before: Number.MAX_SAFE_INTEGER, limit: 99 });
    assert.equal(rows, 0);
  });

  test('deletes old wraps, but not those of a direct room with an invited user', async (subject) => {
    const direct = hashOf('direct room');
    await subject.store.append(createOf(room, 'den', 'alice'));
    await appendEpochs(subject.store, room, 2);
    await subject.store.append(createOf(direct, 'direct', 'alice', { join: 'direct', history: 'since-join' }));
    await subject.store.append(inviteOf(direct, 2, 'alice', 'bob'));
    await appendEpochs(subject.store, direct, 1, 2);
    // Entries of these fixtures have the time 1,000,000 and their position.
    const before = 1_000_003;
    assert.deepEqual(await subject.store.expireWraps({ before, limit: 2 }), { rows: 2, more: true });
    assert.deepEqual(await subject.store.expireWraps({ before, limit: 2 }), { rows: 1, more: false });
    assert.deepEqual(await numbersOf(subject.store, first), [2]);
    await subject.store.expireWraps({ before: before + 9, limit: 99 });
    assert.deepEqual(await numbersOf(subject.store, first), []);
    assert.deepEqual(await numbersOf(subject.store, first, [1, 9], direct), [1]);
    await subject.store.append(declineOf(direct, 4, 'bob'));
    await subject.store.expireWraps({ before: before + 9, limit: 99 });
    assert.deepEqual(await numbersOf(subject.store, first, [1, 9], direct), []);
  });

  test('deletes the wraps of a deleted room', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice'));
    await appendEpochs(subject.store, room, 1);
    await subject.store.deleteRoom(room);
    await subject.reopen();
    assert.deepEqual(await numbersOf(subject.store, first), []);
    assert.deepEqual(await subject.store.integrity(), []);
  });
}
