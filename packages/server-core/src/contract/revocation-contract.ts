/** Access that was taken away stays away: of every name of the key, for every certificate, whatever is asked at once. */
import { expect, test } from 'vitest';
import { accountOf, createOf, hashOf, knockOf } from './fixtures.ts';
import type { Subject } from './subject.ts';

const stolen = { at: 2_000, reason: 'keyCompromise' } as const;

export function revocationContract(subject: Subject): void {
  const certificate = (serial: string, user: string, notAfter: number) =>
    subject.store.assignCertificate({ serial, user, notAfter });
  const namesOf = (accounts: readonly { readonly user: string }[]) => accounts.map(({ user }) => user);

  test('an account is revoked once, and stays so', async () => {
    await subject.store.register(accountOf('ada'), null);
    await subject.store.register(accountOf('bob'), null);
    expect(await subject.store.revokedAccounts()).toEqual([]);
    expect(await subject.store.revokeAccount('nobody', stolen)).toEqual([]);
    const revoked = [{ user: 'ada', fingerprint: hashOf('ada'), revoked: stolen }];
    expect(await subject.store.revokeAccount('ada', stolen)).toMatchObject(revoked);
    await subject.reopen();
    expect(await subject.store.revokeAccount('ada', { at: 3_000, reason: 'superseded' })).toMatchObject(revoked);
    expect(await subject.store.revokedAccounts()).toMatchObject(revoked);
    expect(await subject.store.findAccount('ada')).toMatchObject({ revoked: stolen });
    expect(await subject.store.findAccount('bob')).toMatchObject({ revoked: null });
    expect(await subject.store.listAccounts(null, 9)).toMatchObject([{ revoked: stolen }, { revoked: null }]);
  });

  test('neither the name nor the key comes back', async () => {
    const tokenHash = hashOf('token');
    await subject.store.addInvitation({ tokenHash, expiresAt: 5_000 });
    await subject.store.register(accountOf('ada'), null);
    await subject.store.revokeAccount('ada', stolen);
    await subject.reopen();
    expect(await subject.store.register(accountOf('ada'), tokenHash)).toBe('revoked');
    expect(await subject.store.register(accountOf('ada', 'another key'), tokenHash)).toBe('revoked');
    expect(await subject.store.register(accountOf('eve', 'ada'), tokenHash)).toBe('revoked');
    expect(await subject.store.findAccount('eve')).toBeNull();
    // and no invitation was used up
    expect(await subject.store.register(accountOf('bob'), tokenHash)).toBe('registered');
  });

  test('all names of one key go together', async () => {
    for (const user of ['zoe', 'ada']) await subject.store.register(accountOf(user, 'one key'), null);
    await subject.store.register(accountOf('bob'), null);
    expect(namesOf(await subject.store.revokeAccount('zoe', stolen))).toEqual(['ada', 'zoe']);
    expect(namesOf(await subject.store.revokedAccounts())).toEqual(['ada', 'zoe']);
    expect(await subject.store.findAccount('ada')).toMatchObject({ revoked: stolen });
  });

  test('who is revoked no longer knocks anywhere', async () => {
    const room = hashOf('a room');
    await subject.store.append(createOf(room, 'den', 'bob'));
    for (const user of ['ada', 'eve']) {
      await subject.store.register(accountOf(user), null);
      await subject.store.putKnock(room, user, knockOf(user), 10);
    }
    await subject.store.revokeAccount('ada', stolen);
    expect(await subject.store.knocksAt(room)).toEqual([knockOf('eve')]);
  });

  test('a certificate has a holder until it ends', async () => {
    await subject.store.register(accountOf('ada'), null);
    await subject.store.register(accountOf('bob'), null);
    expect(await certificate('01', 'ada', 5_000)).toBe(true);
    expect(await certificate('02', 'bob', 5_000)).toBe(true);
    expect(await certificate('03', 'ada', 7_000)).toBe(true);
    await subject.reopen();
    expect(await subject.store.certificatesOf('ada', 4_999)).toEqual(['01', '03']);
    expect(await subject.store.certificatesOf('ada', 5_000)).toEqual(['03']);
    expect(await subject.store.certificatesOf('nobody', 0)).toEqual([]);
  });

  test('nobody revoked is given a certificate, also when both are asked for at once', async () => {
    expect(await certificate('01', 'ada', 5_000)).toBe(false);
    await subject.store.register(accountOf('ada'), null);
    const serials = Array.from({ length: 9 }, (_, index) => `0${index}`);
    const given: boolean[] = [];
    await Promise.all([
      ...serials.slice(0, 4).map(async (serial) => given.push(await certificate(serial, 'ada', 5_000))),
      subject.store.revokeAccount('ada', stolen),
      ...serials.slice(4).map(async (serial) => given.push(await certificate(serial, 'ada', 5_000))),
    ]);
    expect(await certificate('ff', 'ada', 5_000)).toBe(false);
    // Every one that was given can be found, and so be revoked.
    expect(await subject.store.certificatesOf('ada', 0)).toHaveLength(given.filter(Boolean).length);
  });
}
