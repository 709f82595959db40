/** Rows that are damaged in the store: a member who has kept the entry gives it back. */
import { emptyLogHash } from '@chat/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Given, RestoredRoom } from '../../support/restored-room.ts';
import { outcomeOf } from '../../support/test-client.ts';
import { noHash, viewAt } from '../../support/views.ts';

let den: RestoredRoom;
let read: Given[];
beforeEach(async () => {
  den = await RestoredRoom.start();
  await den.append(den.bob, den.signedMessage(den.bob, 3));
  await den.append(den.alice, den.signedMessage(den.alice, 4));
  read = await den.entriesOf(den.alice.client, 5);
});
afterEach(() => den[Symbol.asyncDispose]());

const at = (seq: number): Given => {
  const given = read[seq - 1];
  if (given === undefined) throw new Error(`position ${seq} was not read`);
  return given;
};

/** Changes a byte of the row at a position. */
function damage(seq: number): void {
  const row = den.log.find((each) => each.seq === seq);
  if (row !== undefined) Object.assign(row.entry, { payload: Uint8Array.of(...row.entry.payload, 0) });
}

/** Restarts the server and lets bob read the whole log, while alice follows it. */
async function readDamaged(): Promise<void> {
  await den.restart();
  await den.alice.client.request('subscribe', { room: den.id, after: 5 });
  await den.bob.client.request('subscribe', { room: den.id, after: 0 });
  await den.bob.client.first('caught-up');
}

test.each([1, 2, 4, 5])('asks the members for the entry at position %i, and writes it again unchanged', async (seq) => {
  const before = structuredClone(den.log);
  damage(seq);
  await readDamaged();
  expect(await den.bob.client.first('gap')).toMatchObject({ seq, cause: 'damaged' });
  expect(await den.alice.client.first('entries-wanted')).toMatchObject({ positions: [seq] });
  const place = seq === 1 ? { seq: 0, hash: emptyLogHash(den.id) } : viewAt(den.id, seq - 1);
  await den.give(den.alice, place, [at(seq)]);
  expect(den.log).toEqual(before);
  expect(await den.bob.client.first('restored')).toMatchObject({ first: seq, last: seq, by: ['alice'] });
  expect(await den.entriesOf(await den.at.login(den.bob.who), 5)).toEqual(read);
});

test('asks a member who comes later, and takes the entry for a row that is missing', async () => {
  den.disk.logs.set(
    den.id,
    den.log.filter(({ seq }) => seq !== 4),
  );
  await den.restart();
  await den.bob.client.request('subscribe', { room: den.id, after: 0 });
  await den.bob.client.first('caught-up');
  await den.alice.client.request('subscribe', { room: den.id, after: 5 });
  expect(await den.alice.client.first('entries-wanted')).toMatchObject({ positions: expect.arrayContaining([4]) });
  await den.give(den.alice, viewAt(den.id, 3), [at(4)]);
  expect(den.log.map(({ entry }) => entry)).toEqual(read.map(({ entry }) => entry));
});

test('takes no other entry for a damaged row, and none for a sound one', async () => {
  damage(4);
  await readDamaged();
  const other = { at: at(4).at, entry: den.signedMessage(den.bob, 3, 'b3RoZXI') };
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 3), [other]))).toBe('entry-refused');
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 3), [at(5)]))).toBe('entry-refused');
  expect(await outcomeOf(den.give(den.alice, { seq: 3, hash: noHash }, [at(4)]))).toBe('other-log');
  const damaged = structuredClone(den.log);
  expect(await den.give(den.alice, viewAt(den.id, 4), [other])).toMatchObject({ head: 5 });
  expect(den.log).toEqual(damaged);
});

test('takes the entry for a row whose log hash is damaged too, because the entry after it proves it', async () => {
  const before = structuredClone(den.log);
  damage(4);
  const row = den.log.find(({ seq }) => seq === 4);
  if (row !== undefined) Object.assign(row, { logHash: noHash });
  (den.disk.logHashes.get(den.id) ?? [])[3] = noHash;
  await readDamaged();
  const other = { at: at(4).at, entry: den.signedMessage(den.bob, 3, 'b3RoZXI') };
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 3), [other]))).toBe('entry-refused');
  await den.give(den.alice, viewAt(den.id, 3), [at(4)]);
  expect(den.log).toEqual(before);
});

test('takes no other entry where the entry after it is damaged too', async () => {
  damage(4);
  damage(5);
  await readDamaged();
  const other = { at: at(4).at, entry: den.signedMessage(den.bob, 3, 'b3RoZXI') };
  expect(await outcomeOf(den.give(den.alice, viewAt(den.id, 3), [other]))).toBe('entry-refused');
  await den.give(den.alice, viewAt(den.id, 3), [at(4), at(5)]);
  expect(await den.entriesOf(await den.at.login(den.bob.who), 5)).toEqual(read);
});
