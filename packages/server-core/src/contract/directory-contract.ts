/** Contract of `Directory`: binds a name once and uses an invitation once, also when requests race. */
import assert from 'node:assert/strict';
import { assertMatches } from './assert-matches.ts';
import { accountOf, createOf, hashOf, inviteOf } from './fixtures.ts';
import type { ContractTest } from './subject.ts';

const count = <T>(values: readonly T[], value: T): number => values.filter((each) => each === value).length;

/** Adds the tests of accounts, enrolment invitations and owners of certificates. */
export function directoryContract(test: ContractTest): void {
  test('returns an account unchanged, also after reopening', async (subject) => {
    const account = accountOf('alice');
    assert.equal(await subject.store.findAccount('alice'), null);
    assert.equal(await subject.store.register(account, null), 'registered');
    for (let round = 0; round < 2; round++) {
      const found = await subject.store.findAccount('alice');
      assert.deepEqual(found && { ...found, identity: Buffer.from(found.identity) }, { ...account, revoked: null });
      await subject.reopen();
    }
    assert.equal(await subject.store.findAccount('bob'), null);
  });

  test('keeps the first key of a name', async (subject) => {
    assert.equal(await subject.store.register(accountOf('alice'), null), 'registered');
    assert.equal(await subject.store.register(accountOf('alice', 'alice', 2_000), null), 'known');
    assert.equal(await subject.store.register(accountOf('alice', 'mallory'), null), 'taken');
    await subject.reopen();
    assert.equal(await subject.store.register(accountOf('alice', 'mallory'), null), 'taken');
    assertMatches(await subject.store.findAccount('alice'), { fingerprint: hashOf('alice'), enrolledAt: 1_000 });
  });

  test('gives an account another key by the next renewal only, and keeps the renewals, also after reopening', async (subject) => {
    await subject.store.register(accountOf('alice'), null);
    await subject.store.register(accountOf('bob'), null);
    const renewal = (number: number, before: string, after: string) => ({
      before: hashOf(before),
      renewals: [{ number, previous: before, key: after, madeAt: number, signature: 'signature', proof: 'proof' }],
      ...{ fingerprint: hashOf(after), identity: accountOf('alice', after).identity },
    });
    assert.equal(await subject.store.renewKey('carol', renewal(1, 'carol', 'next')), 'refused');
    assert.equal(await subject.store.renewKey('alice', renewal(1, 'mallory', 'next')), 'refused');
    assert.equal(await subject.store.renewKey('alice', renewal(2, 'alice', 'next')), 'refused');
    assert.equal(await subject.store.renewKey('alice', renewal(1, 'alice', 'bob')), 'refused');
    assert.equal(await subject.store.renewKey('alice', renewal(1, 'alice', 'next')), 'renewed');
    assert.equal(await subject.store.renewKey('alice', renewal(1, 'alice', 'other')), 'refused');
    assert.equal(await subject.store.renewKey('alice', renewal(2, 'next', 'last')), 'renewed');
    await subject.reopen();
    assertMatches(await subject.store.findAccount('alice'), { fingerprint: hashOf('last'), enrolledAt: 1_000 });
    const numbers = async (limit: number) =>
      (await subject.store.renewalsOf('alice', limit)).map(({ number }) => number);
    assert.deepEqual([await numbers(9), await numbers(1)], [[1, 2], [2]]);
    await subject.store.revokeAccount('alice', { at: 5_000, reason: 'keyCompromise' });
    assert.equal(await subject.store.renewKey('alice', renewal(3, 'last', 'late')), 'revoked');
  });

  test('binds no name that a room has with another key', async (subject) => {
    const room = hashOf('den');
    await subject.store.append(createOf(room, 'den', 'alice'));
    await subject.store.append(inviteOf(room, 2, 'alice', 'bob'));
    for (const user of ['alice', 'bob']) {
      assert.equal(await subject.store.register(accountOf(user, 'mallory'), null), 'taken');
      assert.equal(await subject.store.register(accountOf(user), null), 'registered');
    }
  });

  test('binds a name to one of the keys that race for it', async (subject) => {
    const keys = Array.from({ length: 10 }, (_, index) => accountOf('alice', `key ${index}`));
    const results = await Promise.all(keys.map((account) => subject.store.register(account, null)));
    assert.equal(count(results, 'registered'), 1);
    assert.equal(count(results, 'taken'), 9);
    const winner = keys[results.indexOf('registered')];
    assertMatches(await subject.store.findAccount('alice'), { fingerprint: winner?.fingerprint });
  });

  test('registers a key once that registers many times at once', async (subject) => {
    const results = await Promise.all(
      Array.from({ length: 5 }, () => subject.store.register(accountOf('alice'), null)),
    );
    assert.equal(count(results, 'registered'), 1);
    assert.equal(count(results, 'known'), 4);
  });

  test('keeps the latest run of a user, and refuses one that does not follow it', async (subject) => {
    const { store } = subject;
    await store.register(accountOf('alice'), null);
    await store.register(accountOf('bob'), null);
    const run = (id: string, ...earlier: string[]) => ({ id, earlier, replaceOthers: false });
    assert.equal(await store.enterRun('alice', run('a1'), 1_000), null);
    assert.equal(await store.enterRun('alice', run('a1'), 2_000), null);
    assert.equal(await store.enterRun('bob', run('b1'), 2_000), null);
    assert.equal(await store.enterRun('alice', run('a3', 'a2', 'a1'), 3_000), null);
    await subject.reopen();
    assert.equal(await subject.store.enterRun('alice', run('copy', 'a2', 'a1'), 4_000), 3_000);
    assert.equal(await subject.store.enterRun('alice', run('a3', 'a2', 'a1'), 5_000), null);
    assert.equal(await subject.store.enterRun('alice', { ...run('copy', 'a2'), replaceOthers: true }, 6_000), null);
    assert.equal(await subject.store.enterRun('alice', run('a4', 'a3'), 7_000), 6_000);
    assert.equal(await subject.store.enterRun('bob', run('b2', 'b1'), 7_000), null);
  });

  test('uses an invitation once', async (subject) => {
    const tokenHash = hashOf('token');
    await subject.store.addInvitation({ tokenHash, expiresAt: 5_000 });
    await subject.reopen();
    assert.equal(await subject.store.register(accountOf('alice'), hashOf('another token')), 'invitation-refused');
    assert.equal(await subject.store.findAccount('alice'), null);
    assert.equal(await subject.store.register(accountOf('alice'), tokenHash), 'registered');
    assert.equal(await subject.store.register(accountOf('bob'), tokenHash), 'invitation-refused');
    await subject.reopen();
    assert.equal(await subject.store.register(accountOf('bob'), tokenHash), 'invitation-refused');
    assert.equal(await subject.store.findAccount('bob'), null);
  });

  test('enrols as many users with an invitation as it is for', async (subject) => {
    const tokenHash = hashOf('token');
    await subject.store.addInvitation({ tokenHash, expiresAt: 5_000, uses: 2 });
    const uses = async () => (await subject.store.openInvitations(0, 9)).map((each) => each.uses);
    assert.deepEqual(await uses(), [2]);
    assert.equal(await subject.store.register(accountOf('alice'), tokenHash), 'registered');
    await subject.reopen();
    assert.deepEqual(await uses(), [1]);
    assert.equal(await subject.store.register(accountOf('bob'), tokenHash), 'registered');
    assert.deepEqual(await uses(), []);
    assert.equal(await subject.store.register(accountOf('carol'), tokenHash), 'invitation-refused');
    assert.equal(await subject.store.withdrawInvitation(tokenHash), false);
  });

  test('enrols the one name that an invitation is for, and keeps that name for it while it is open', async (subject) => {
    const [forAlice, open] = ['for alice', 'open'].map(hashOf) as [string, string];
    await subject.store.addInvitation({ tokenHash: forAlice, expiresAt: 5_000, user: 'alice' });
    await subject.store.addInvitation({ tokenHash: open, expiresAt: 5_000, uses: 9 });
    await subject.reopen();
    const users = (await subject.store.openInvitations(0, 9)).map(({ tokenHash, user }) => [tokenHash, user]);
    assert.deepEqual(
      new Map(users as [string, string | null][]),
      new Map([
        [forAlice, 'alice'],
        [open, null],
      ]),
    );
    const register = (user: string, tokenHash: string | null, at = 4_999) =>
      subject.store.register(accountOf(user, user, at), tokenHash);
    assert.equal(await register('bob', forAlice), 'invitation-for-another');
    assert.equal(await register('alice', open), 'reserved');
    assert.equal(await register('alice', null), 'reserved');
    assert.equal(await register('bob', open), 'registered');
    assert.equal(await register('alice', forAlice), 'registered');
    await subject.store.addInvitation({ tokenHash: hashOf('for carol'), expiresAt: 5_000, user: 'carol' });
    assert.equal(await register('carol', open, 5_000), 'invitation-refused');
    assert.equal(await register('carol', null, 5_000), 'registered');
  });

  test('gives an invitation to one of the users who race for it', async (subject) => {
    const tokenHash = hashOf('token');
    await subject.store.addInvitation({ tokenHash, expiresAt: 5_000 });
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) => subject.store.register(accountOf(`user-${index}`), tokenHash)),
    );
    assert.equal(count(results, 'registered'), 1);
    assert.equal(count(results, 'invitation-refused'), 9);
  });

  test('refuses an expired invitation', async (subject) => {
    const tokenHash = hashOf('token');
    await subject.store.addInvitation({ tokenHash, expiresAt: 5_000 });
    assert.equal(await subject.store.register(accountOf('alice', 'alice', 5_001), tokenHash), 'invitation-refused');
    assert.equal(await subject.store.register(accountOf('alice', 'alice', 4_999), tokenHash), 'registered');
  });

  test('lists the open invitations, those that expire first at the front, and withdraws one', async (subject) => {
    const [first, second, used] = ['first', 'second', 'used'].map(hashOf) as [string, string, string];
    await subject.store.addInvitation({ tokenHash: second, expiresAt: 6_000 });
    await subject.store.addInvitation({ tokenHash: used, expiresAt: 5_500 });
    await subject.store.addInvitation({ tokenHash: first, expiresAt: 5_000 });
    await subject.store.register(accountOf('alice'), used);
    const hashes = async (at: number, limit: number) =>
      (await subject.store.openInvitations(at, limit)).map(({ tokenHash }) => tokenHash);
    assert.deepEqual(await hashes(4_999, 9), [first, second]);
    assert.deepEqual(await hashes(4_999, 1), [first]);
    assert.deepEqual(await hashes(5_000, 9), [second]);
    assert.equal(await subject.store.withdrawInvitation(second), true);
    await subject.reopen();
    for (const hash of [second, used, hashOf('none')])
      assert.equal(await subject.store.withdrawInvitation(hash), false);
    assert.deepEqual(await hashes(0, 9), [first]);
    assert.equal(await subject.store.register(accountOf('bob'), second), 'invitation-refused');
    assert.equal(await subject.store.register(accountOf('bob'), used), 'invitation-refused');
  });

  test('uses up no invitation for a known or taken name', async (subject) => {
    const tokenHash = hashOf('token');
    await subject.store.register(accountOf('alice'), null);
    await subject.store.addInvitation({ tokenHash, expiresAt: 5_000 });
    assert.equal(await subject.store.register(accountOf('alice'), tokenHash), 'known');
    assert.equal(await subject.store.register(accountOf('alice', 'mallory'), tokenHash), 'taken');
    // Without a valid invitation, no requester learns that the name is taken.
    assert.equal(await subject.store.register(accountOf('alice', 'mallory'), hashOf('none')), 'invitation-refused');
    // A known name does not need a valid invitation.
    assert.equal(await subject.store.register(accountOf('alice'), hashOf('no such token')), 'known');
    assert.equal(await subject.store.register(accountOf('bob'), tokenHash), 'registered');
  });

  test('lists accounts by name, in pages', async (subject) => {
    for (const user of ['carol', 'alice', 'bob']) await subject.store.register(accountOf(user), null);
    const names = async (after: string | null, limit: number) =>
      (await subject.store.listAccounts(after, limit)).map(({ user }) => user);
    assert.deepEqual(await names(null, 2), ['alice', 'bob']);
    assert.deepEqual(await names('bob', 2), ['carol']);
    assert.deepEqual(await names('carol', 2), []);
  });
}
