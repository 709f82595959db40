import { fromHex, isWrapOf, limits, toHex } from '@chat/protocol';
import { expect, test } from 'vitest';
import { createOf, epochOf, hashOf, linkOf, wrapOf, wrappedEpoch } from '../../../src/contract/fixtures.ts';
import { createMemoryStore } from '../../../src/contract/index.ts';
import { Wraps } from '../../../src/domain/keys/wraps.ts';

const room = hashOf('room');
const [alice, bob] = [hashOf('alice'), hashOf('bob')];
const range = { room, from: 1, to: 3 };

/** A room with three epochs for Alice and Bob. */
async function opened() {
  const store = createMemoryStore();
  await store.append(createOf(room, 'den', 'alice'));
  const { sheets, commitment } = wrappedEpoch(1, [alice, bob]);
  for (const number of [1, 2, 3]) {
    const epoch = number === 1 ? sheets : wrappedEpoch(number, [alice, bob]).sheets;
    await store.append(epochOf(room, 1 + number, 'alice', { number, answers: 1, to: [], sheets: epoch }));
  }
  let now = 1_000_000;
  const warnings: string[] = [];
  const note = (_: object, message: string) => warnings.push(message);
  const log = { debug: note, info: note, warn: note, error: note };
  const wraps = new Wraps({ store, clock: () => now, log });
  const pass = (ms: number) => {
    now += ms;
  };
  return { store, wraps, commitment, pass, warnings };
}

test('erases what a recipient has confirmed, once it is written', async () => {
  const { wraps } = await opened();
  wraps.confirm(bob, { rooms: [{ room, from: 1, to: 1 }] });
  wraps.confirm(bob, { rooms: [{ room, from: 3, to: 3 }] });
  await wraps.flush();
  const [left, ...others] = (await wraps.find(range, bob)).wraps;
  expect([left?.number, toHex(left?.wrap ?? new Uint8Array(1)), others]).toEqual([2, toHex(wrapOf(2, bob)), []]);
  expect((await wraps.find(range, alice)).wraps).toHaveLength(3);
});

test('writes at its end what was confirmed', async () => {
  const { wraps } = await opened();
  wraps.confirm(bob, { rooms: [{ room, from: 1, to: 3 }] });
  await wraps.stop();
  expect((await wraps.find(range, bob)).wraps).toEqual([]);
});

test('proves a wrap, and refuses with no-wrap what it does not have', async () => {
  const { wraps, commitment } = await opened();
  const proof = await wraps.prove({ room, number: 1 }, bob);
  expect(isWrapOf(commitment, fromHex(bob), proof)).toBe(true);
  await expect(wraps.prove({ room, number: 9 }, bob)).rejects.toMatchObject({ code: 'no-wrap' });
  await expect(wraps.prove({ room, number: 1 }, hashOf('mallory'))).rejects.toMatchObject({ code: 'no-wrap' });
});

test('keeps an opening for as long as the last wrap on its link, and then deletes both', async () => {
  const { wraps, store, pass } = await opened();
  await store.putLinks([linkOf('alice', 'bob')], { now: 1_000_000, waiting: 9 });
  pass(limits.wrapAge);
  await wraps.expire();
  expect((await wraps.find(range, bob)).wraps).toHaveLength(3);
  pass(10);
  await wraps.expire();
  expect((await wraps.find(range, bob)).wraps).toEqual([]);
  expect(await store.linksTo(bob, 9)).toHaveLength(1);
  pass(limits.linkAge);
  await wraps.expire();
  expect(await store.linksTo(bob, 9)).toEqual([]);
});

test('goes on after a failure of the store', async () => {
  const { store, warnings, ...rest } = await opened();
  let fails = true;
  const failing = {
    ...store,
    confirmWraps: (confirmations: Parameters<typeof store.confirmWraps>[0]) =>
      fails ? Promise.reject(new Error('full')) : store.confirmWraps(confirmations),
  };
  const note = (_: object, message: string) => warnings.push(message);
  const wraps = new Wraps({
    store: failing,
    clock: () => 1,
    log: { debug: note, info: note, warn: note, error: note },
  });
  wraps.confirm(bob, { rooms: [range] });
  await wraps.flush();
  expect(warnings).toHaveLength(1);
  fails = false;
  wraps.confirm(bob, { rooms: [range] });
  await wraps.flush();
  expect((await rest.wraps.find(range, bob)).wraps).toEqual([]);
});
