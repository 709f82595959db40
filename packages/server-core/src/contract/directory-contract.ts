/** Names bound once, invitations used once; also when requests race. */
import { expect, test } from 'vitest';
import { accountOf, hashOf } from './fixtures.ts';
import type { Subject } from './subject.ts';

const count = <T>(values: readonly T[], value: T): number => values.filter((each) => each === value).length;

export function directoryContract(subject: Subject): void {
  test('an account comes back byte for byte, also after reopening', async () => {
    const account = accountOf('ada');
    expect(await subject.store.findAccount('ada')).toBeNull();
    expect(await subject.store.register(account, null)).toBe('registered');
    for (let round = 0; round < 2; round++) {
      const found = await subject.store.findAccount('ada');
      expect(found && { ...found, identity: Buffer.from(found.identity) }).toEqual({ ...account, revoked: null });
      await subject.reopen();
    }
    expect(await subject.store.findAccount('bob')).toBeNull();
  });

  test('a name keeps its first key', async () => {
    expect(await subject.store.register(accountOf('ada'), null)).toBe('registered');
    expect(await subject.store.register(accountOf('ada', 'ada', 2_000), null)).toBe('known');
    expect(await subject.store.register(accountOf('ada', 'mallory'), null)).toBe('taken');
    await subject.reopen();
    expect(await subject.store.register(accountOf('ada', 'mallory'), null)).toBe('taken');
    expect(await subject.store.findAccount('ada')).toMatchObject({ fingerprint: hashOf('ada'), enrolledAt: 1_000 });
  });

  test('of keys that race for a name one gets it', async () => {
    const keys = Array.from({ length: 10 }, (_, index) => accountOf('ada', `key ${index}`));
    const results = await Promise.all(keys.map((account) => subject.store.register(account, null)));
    expect(count(results, 'registered')).toBe(1);
    expect(count(results, 'taken')).toBe(9);
    const winner = keys[results.indexOf('registered')];
    expect(await subject.store.findAccount('ada')).toMatchObject({ fingerprint: winner?.fingerprint });
  });

  test('one key that registers many times at once is registered once', async () => {
    const results = await Promise.all(Array.from({ length: 5 }, () => subject.store.register(accountOf('ada'), null)));
    expect(count(results, 'registered')).toBe(1);
    expect(count(results, 'known')).toBe(4);
  });

  test('an invitation admits one', async () => {
    const tokenHash = hashOf('token');
    await subject.store.addInvitation({ tokenHash, expiresAt: 5_000 });
    await subject.reopen();
    expect(await subject.store.register(accountOf('ada'), hashOf('another token'))).toBe('invitation-refused');
    expect(await subject.store.findAccount('ada')).toBeNull();
    expect(await subject.store.register(accountOf('ada'), tokenHash)).toBe('registered');
    expect(await subject.store.register(accountOf('bob'), tokenHash)).toBe('invitation-refused');
    await subject.reopen();
    expect(await subject.store.register(accountOf('bob'), tokenHash)).toBe('invitation-refused');
    expect(await subject.store.findAccount('bob')).toBeNull();
  });

  test('of users who race for an invitation one gets in', async () => {
    const tokenHash = hashOf('token');
    await subject.store.addInvitation({ tokenHash, expiresAt: 5_000 });
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) => subject.store.register(accountOf(`user-${index}`), tokenHash)),
    );
    expect(count(results, 'registered')).toBe(1);
    expect(count(results, 'invitation-refused')).toBe(9);
  });

  test('an expired invitation admits nobody', async () => {
    const tokenHash = hashOf('token');
    await subject.store.addInvitation({ tokenHash, expiresAt: 5_000 });
    expect(await subject.store.register(accountOf('ada', 'ada', 5_001), tokenHash)).toBe('invitation-refused');
    expect(await subject.store.register(accountOf('ada', 'ada', 4_999), tokenHash)).toBe('registered');
  });

  test('a known or taken name uses no invitation up', async () => {
    const tokenHash = hashOf('token');
    await subject.store.register(accountOf('ada'), null);
    await subject.store.addInvitation({ tokenHash, expiresAt: 5_000 });
    expect(await subject.store.register(accountOf('ada'), tokenHash)).toBe('known');
    expect(await subject.store.register(accountOf('ada', 'mallory'), tokenHash)).toBe('taken');
    // nor does it need one that is still good
    expect(await subject.store.register(accountOf('ada'), hashOf('no such token'))).toBe('known');
    expect(await subject.store.register(accountOf('bob'), tokenHash)).toBe('registered');
  });

  test('accounts are listed by name, page by page', async () => {
    for (const user of ['carol', 'ada', 'bob']) await subject.store.register(accountOf(user), null);
    const names = async (after: string | null, limit: number) =>
      (await subject.store.listAccounts(after, limit)).map(({ user }) => user);
    expect(await names(null, 2)).toEqual(['ada', 'bob']);
    expect(await names('bob', 2)).toEqual(['carol']);
    expect(await names('carol', 2)).toEqual([]);
  });
}
