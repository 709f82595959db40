/** Keys that the server keeps for others: prekeys, and wraps that a member gave to one who had lost theirs. */
import { toBase64url } from '@chat/protocol';
import { expect, test } from 'vitest';
import { accountOf, createOf, epochOf, hashOf } from './fixtures.ts';
import type { Subject } from './subject.ts';

const prekeyOf = (madeAt: number, prekey = `cHJla2V5${madeAt}`) => ({ prekey, madeAt, signature: 'c2lnbmF0dXJl' });

export function keyContract(subject: Subject): void {
  test('of a user’s prekeys the one that was made last is kept, also after reopening', async () => {
    await subject.store.register(accountOf('ada'), null);
    expect(await subject.store.findPrekeys(['ada'])).toEqual([]);
    expect(await subject.store.putPrekey('ada', prekeyOf(1_000))).toBe(true);
    expect(await subject.store.putPrekey('ada', prekeyOf(1_000, 'b3RoZXI'))).toBe(false);
    expect(await subject.store.putPrekey('ada', prekeyOf(999))).toBe(false);
    await subject.reopen();
    expect(await subject.store.putPrekey('ada', prekeyOf(1_000))).toBe(false);
    const key = toBase64url(accountOf('ada').identity);
    expect(await subject.store.findPrekeys(['ada'])).toEqual([{ user: 'ada', key, ...prekeyOf(1_000) }]);
    expect(await subject.store.putPrekey('ada', prekeyOf(1_001))).toBe(true);
    await subject.reopen();
    expect(await subject.store.findPrekeys(['ada'])).toEqual([{ user: 'ada', key, ...prekeyOf(1_001) }]);
  });

  test('of prekeys that race the latest stays', async () => {
    await subject.store.register(accountOf('ada'), null);
    await Promise.all([5, 9, 2, 7].map((madeAt) => subject.store.putPrekey('ada', prekeyOf(madeAt))));
    expect(await subject.store.findPrekeys(['ada'])).toMatchObject([{ madeAt: 9 }]);
  });

  test('prekeys are found for those who have one and whose access was not revoked', async () => {
    for (const user of ['ada', 'bob', 'eve']) {
      await subject.store.register(accountOf(user), null);
      if (user !== 'bob') await subject.store.putPrekey(user, prekeyOf(1));
    }
    const found = async () =>
      (await subject.store.findPrekeys(['eve', 'nobody', 'bob', 'ada'])).map(({ user }) => user).sort();
    expect(await found()).toEqual(['ada', 'eve']);
    await subject.store.revokeAccount('eve', { at: 5, reason: 'keyCompromise' });
    expect(await found()).toEqual(['ada']);
    await subject.reopen();
    expect(await found()).toEqual(['ada']);
  });

  test('a wrap that was given takes the place of the one from before, for its recipient alone', async () => {
    const room = hashOf('room');
    const [ada, bob] = [hashOf('ada'), hashOf('bob')];
    await subject.store.append(createOf(room, 'den', 'ada'));
    await subject.store.append(epochOf(room, 2, 'ada', { number: 1, answers: 1, to: [ada] }));
    await subject.store.putWrap(room, 1, { to: bob, envelope: 'given' });
    await subject.store.putWrap(room, 1, { to: bob, envelope: 'given_again' });
    await subject.reopen();
    expect(await subject.store.findWrap(room, 1, bob)).toBe('given_again');
    expect(await subject.store.findWrap(room, 1, ada)).toBe(`wrap_1_${ada}`);
  });
}
