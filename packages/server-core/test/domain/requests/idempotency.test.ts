/** Requests that are pending: a repeat shares the work of the first, and another user's request never does. */
import { expect, test } from 'vitest';
import { IdempotentRequests } from '../../../src/domain/requests/idempotency.ts';
import type { RegisteredUser } from '../../../src/identity/registered-user.ts';
import type { Appended } from '../../../src/ports/room-store.ts';

const cid = 'cd'.repeat(16);
const request = (user: string) => ({
  author: { user, fingerprint: user, key: user, verifier: { verify: () => true } } as unknown as RegisteredUser,
  cid,
  entry: { type: 'message' as const, payload: Uint8Array.of(1), by: 'ab'.repeat(32), signature: Uint8Array.of(1) },
});

/** Work that ends when the test says so. */
function heldWork() {
  const ends: ((place: Appended | Error) => void)[] = [];
  const work = () =>
    new Promise<Appended>((resolve, reject) => {
      ends.push((place) => (place instanceof Error ? reject(place) : resolve(place)));
    });
  return { ends, work };
}

const place = (seq: number): Appended => ({ room: 'ab'.repeat(32), seq, at: 0 });

test('users who choose the same id at the same time get each their own result, in whatever order they end', async () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ] as const) {
    const requests = new IdempotentRequests({ findAppended: async () => null });
    const { ends, work } = heldWork();
    const [alice, bob] = [request('alice'), request('bob')];
    const both = [requests.once(alice, work), requests.once(bob, work)];
    const repeat = requests.once(alice, work);
    expect(ends).toHaveLength(2);
    for (const at of order) ends[at]?.(place(at + 1));
    expect(await Promise.all(both)).toMatchObject([{ seq: 1 }, { seq: 2 }]);
    expect(await repeat).toMatchObject({ seq: 1 });
  }
});

test('a request that has failed is carried out anew, and the failure of another user ends no pending one', async () => {
  const requests = new IdempotentRequests({ findAppended: async () => null });
  const { ends, work } = heldWork();
  const [alice, bob] = [request('alice'), request('bob')];
  const [ofAlice, ofBob] = [requests.once(alice, work), requests.once(bob, work)];
  ends[1]?.(new Error('full'));
  await expect(ofBob).rejects.toThrow('full');
  const repeat = requests.once(alice, work);
  expect(ends).toHaveLength(2);
  ends[0]?.(new Error('full'));
  await expect(ofAlice).rejects.toThrow('full');
  await expect(repeat).rejects.toThrow('full');
  const again = requests.once(alice, work);
  ends[2]?.(place(3));
  expect(await again).toMatchObject({ seq: 3 });
  expect(await requests.once(alice, work)).toMatchObject({ seq: 3 });
});
