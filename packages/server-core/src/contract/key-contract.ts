/** Contract of `PrekeyStore`. */
import assert from 'node:assert/strict';
import { prekeySuite, toBase64url } from '@chat/protocol';
import type { Prekey } from '../ports/prekey-store.ts';
import { assertMatches } from './assert-matches.ts';
import { accountOf } from './fixtures.ts';
import type { ContractTest } from './subject.ts';

const prekeyOf = (madeAt: number, prekey = `cHJla2V5${madeAt}`): Prekey => ({
  suite: prekeySuite,
  prekey,
  madeAt,
  signature: 'c2lnbmF0dXJl',
});

/** No stored prekey is later. */
const endOfTime = Number.MAX_SAFE_INTEGER;

/** Adds the tests of prekeys. */
export function keyContract(test: ContractTest): void {
  test('keeps the prekey of a user that was made last, also after reopening', async (subject) => {
    await subject.store.register(accountOf('alice'), null);
    assert.deepEqual(await subject.store.findPrekeys(['alice']), []);
    assert.equal(await subject.store.putPrekey('alice', prekeyOf(1_000), endOfTime), true);
    assert.equal(await subject.store.putPrekey('alice', prekeyOf(1_000, 'b3RoZXI'), endOfTime), false);
    assert.equal(await subject.store.putPrekey('alice', prekeyOf(999), endOfTime), false);
    await subject.reopen();
    assert.equal(await subject.store.putPrekey('alice', prekeyOf(1_000), endOfTime), false);
    const key = toBase64url(accountOf('alice').identity);
    assert.deepEqual(await subject.store.findPrekeys(['alice']), [{ user: 'alice', key, ...prekeyOf(1_000) }]);
    assert.equal(await subject.store.putPrekey('alice', prekeyOf(1_001), endOfTime), true);
    await subject.reopen();
    assert.deepEqual(await subject.store.findPrekeys(['alice']), [{ user: 'alice', key, ...prekeyOf(1_001) }]);
  });

  test('keeps the latest of prekeys that race', async (subject) => {
    await subject.store.register(accountOf('alice'), null);
    await Promise.all([5, 9, 2, 7].map((madeAt) => subject.store.putPrekey('alice', prekeyOf(madeAt), endOfTime)));
    assertMatches(await subject.store.findPrekeys(['alice']), [{ madeAt: 9 }]);
  });

  test('replaces a prekey from after the given time by an earlier one', async (subject) => {
    await subject.store.register(accountOf('alice'), null);
    await subject.store.putPrekey('alice', prekeyOf(endOfTime), endOfTime);
    assert.equal(await subject.store.putPrekey('alice', prekeyOf(5), endOfTime), false);
    assert.equal(await subject.store.putPrekey('alice', prekeyOf(5), 5), true);
    assert.equal(await subject.store.putPrekey('alice', prekeyOf(4), 5), false);
    await subject.reopen();
    assertMatches(await subject.store.findPrekeys(['alice']), [{ madeAt: 5 }]);
  });

  test('finds the prekeys of users who are not revoked', async (subject) => {
    for (const user of ['alice', 'bob', 'carol']) {
      await subject.store.register(accountOf(user), null);
      if (user !== 'bob') await subject.store.putPrekey(user, prekeyOf(1), endOfTime);
    }
    const found = async () =>
      (await subject.store.findPrekeys(['carol', 'unknown', 'bob', 'alice'])).map(({ user }) => user).sort();
    assert.deepEqual(await found(), ['alice', 'carol']);
    await subject.store.revokeAccount('carol', { at: 5, reason: 'keyCompromise' });
    assert.deepEqual(await found(), ['alice']);
    await subject.reopen();
    assert.deepEqual(await found(), ['alice']);
  });
}
