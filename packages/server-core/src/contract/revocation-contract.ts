/** Contract of `Directory` for revocations: final, for every name of the key and every certificate, also when calls race. */
import assert from 'node:assert/strict';
import { assertMatches } from './assert-matches.ts';
import { accountOf, createOf, hashOf, knockOf, knocksWaiting } from './fixtures.ts';
import type { ContractTest } from './subject.ts';

const stolen = { at: 2_000, reason: 'keyCompromise' } as const;

/** Adds the tests of revoked accounts. */
export function revocationContract(test: ContractTest): void {
  const namesOf = (accounts: readonly { readonly user: string }[]) => accounts.map(({ user }) => user);

  test('revokes an account once, for good', async (subject) => {
    await subject.store.register(accountOf('alice'), null);
    await subject.store.register(accountOf('bob'), null);
    assert.deepEqual(await subject.store.revokedAccounts(), []);
    assert.deepEqual(await subject.store.revokeAccount('unknown', stolen), []);
    const revoked = [{ user: 'alice', fingerprint: hashOf('alice'), revoked: stolen }];
    assertMatches(await subject.store.revokeAccount('alice', stolen), revoked);
    await subject.reopen();
    assertMatches(await subject.store.revokeAccount('alice', { at: 3_000, reason: 'superseded' }), revoked);
    assertMatches(await subject.store.revokedAccounts(), revoked);
    assertMatches(await subject.store.findAccount('alice'), { revoked: stolen });
    assertMatches(await subject.store.findAccount('bob'), { revoked: null });
    assertMatches(await subject.store.listAccounts(null, 9), [{ revoked: stolen }, { revoked: null }]);
  });

  test('refuses the name and the key of a revoked account', async (subject) => {
    const tokenHash = hashOf('token');
    await subject.store.addInvitation({ tokenHash, expiresAt: 5_000 });
    await subject.store.register(accountOf('alice'), null);
    await subject.store.revokeAccount('alice', stolen);
    await subject.reopen();
    assert.equal(await subject.store.register(accountOf('alice'), tokenHash), 'revoked');
    // The owner of another key does not learn that the name is revoked.
    assert.equal(await subject.store.register(accountOf('alice', 'another key'), tokenHash), 'taken');
    assert.equal(await subject.store.register(accountOf('carol', 'alice'), tokenHash), 'revoked');
    assert.equal(await subject.store.findAccount('carol'), null);
    // No invitation was used up.
    assert.equal(await subject.store.register(accountOf('bob'), tokenHash), 'registered');
  });

  test('revokes all names of one key together', async (subject) => {
    for (const user of ['zoe', 'alice']) await subject.store.register(accountOf(user, 'one key'), null);
    await subject.store.register(accountOf('bob'), null);
    assert.deepEqual(namesOf(await subject.store.revokeAccount('zoe', stolen)), ['alice', 'zoe']);
    assert.deepEqual(namesOf(await subject.store.revokedAccounts()), ['alice', 'zoe']);
    assertMatches(await subject.store.findAccount('alice'), { revoked: stolen });
  });

  test('frees the names of a revoked key for other keys, and never registers that key again', async (subject) => {
    const tokenHash = hashOf('token');
    await subject.store.addInvitation({ tokenHash, expiresAt: 5_000 });
    await subject.store.register(accountOf('alice', 'lost'), tokenHash);
    await subject.store.register(accountOf('alice-phone', 'lost'), null);
    await subject.store.register(accountOf('bob'), null);
    await subject.store.assignCertificate({ serial: '01', user: 'alice', notAfter: 5_000 }, 2);
    assert.deepEqual(await subject.store.freeNames('alice', 3_000), []);
    assert.deepEqual(await subject.store.freeNames('unknown', 3_000), []);
    await subject.store.revokeAccount('alice', stolen);
    assert.deepEqual(await subject.store.freeNames('alice', 3_000), ['alice', 'alice-phone']);
    await subject.reopen();
    assert.deepEqual(namesOf(await subject.store.listAccounts(null, 9)), ['bob']);
    assert.deepEqual(await subject.store.revokedAccounts(), []);
    assert.deepEqual(await subject.store.certificatesOf('alice'), []);
    assert.equal(await subject.store.register(accountOf('alice', 'lost'), null), 'revoked');
    assert.equal(await subject.store.register(accountOf('carol', 'lost'), null), 'revoked');
    assert.equal(await subject.store.register(accountOf('alice', 'new'), tokenHash), 'invitation-refused');
    assert.equal(await subject.store.register(accountOf('alice', 'new'), null), 'registered');
    assert.deepEqual(await subject.store.freeNames('alice', 4_000), []);
  });

  test('retires the keys before a renewal with the name', async (subject) => {
    const key = (text: string) => Buffer.from(text).toString('base64url');
    await subject.store.register(accountOf('alice', 'first'), null);
    await subject.store.renewKey('alice', {
      before: hashOf('first'),
      renewals: [{ number: 1, previous: key('first'), key: key('next'), madeAt: 1, signature: 's', proof: 'p' }],
      ...{ fingerprint: hashOf('next'), identity: accountOf('alice', 'next').identity },
    });
    await subject.store.revokeAccount('alice', stolen);
    assert.deepEqual(await subject.store.freeNames('alice', 3_000), ['alice']);
    for (const lost of ['first', 'next']) {
      assert.equal(await subject.store.register(accountOf('alice', lost), null), 'revoked');
    }
    assert.deepEqual(await subject.store.renewalsOf('alice', 9), []);
  });

  test('drops the knocks of a revoked user', async (subject) => {
    const room = hashOf('a room');
    await subject.store.append(createOf(room, 'den', 'bob'));
    for (const user of ['alice', 'carol']) {
      await subject.store.register(accountOf(user), null);
      await subject.store.putKnock(room, user, knockOf(user), knocksWaiting(0));
    }
    await subject.store.revokeAccount('alice', stolen);
    assert.deepEqual(await subject.store.knocksAt(room, knocksWaiting(0)), [knockOf('carol')]);
  });

  test('keeps the certificates of each user that were recorded last, whatever their dates', async (subject) => {
    for (const user of ['alice', 'bob']) await subject.store.register(accountOf(user), null);
    const assign = (serial: string, user: string, notAfter: number) =>
      subject.store.assignCertificate({ serial, user, notAfter }, 2);
    // The first one of Alice was issued while the clock was ahead.
    for (const [serial, notAfter] of [
      ['01', 9_000_000],
      ['03', 5_000],
      ['02', 7_000],
    ] as const) {
      assert.equal(await assign(serial, 'alice', notAfter), true);
    }
    assert.equal(await assign('04', 'bob', 5_000), true);
    await subject.reopen();
    assert.deepEqual(await subject.store.certificatesOf('alice'), ['03', '02']);
    assert.deepEqual(await subject.store.certificatesOf('bob'), ['04']);
    assert.deepEqual(await subject.store.certificatesOf('unknown'), []);
    assert.equal(await assign('05', 'alice', 6_000), true);
    assert.deepEqual(await subject.store.certificatesOf('alice'), ['02', '05']);
  });

  test('forgets the certificates that expired before a time', async (subject) => {
    await subject.store.register(accountOf('alice'), null);
    for (const [serial, notAfter] of [
      ['01', 5_000],
      ['02', 5_001],
    ] as const) {
      await subject.store.assignCertificate({ serial, user: 'alice', notAfter }, 2);
    }
    await subject.store.forgetCertificates(5_001);
    await subject.reopen();
    assert.deepEqual(await subject.store.certificatesOf('alice'), ['02']);
    await subject.store.assignCertificate({ serial: '03', user: 'alice', notAfter: 9_000 }, 2);
    assert.deepEqual(await subject.store.certificatesOf('alice'), ['02', '03']);
  });

  test('records no certificate of a revoked user, also when both calls race', async (subject) => {
    assert.equal(await subject.store.assignCertificate({ serial: '01', user: 'alice', notAfter: 5_000 }, 99), false);
    await subject.store.register(accountOf('alice'), null);
    const serials = Array.from({ length: 9 }, (_, index) => `0${index}`);
    const given: boolean[] = [];
    await Promise.all([
      ...serials
        .slice(0, 4)
        .map(async (serial) =>
          given.push(await subject.store.assignCertificate({ serial, user: 'alice', notAfter: 5_000 }, 99)),
        ),
      subject.store.revokeAccount('alice', stolen),
      ...serials
        .slice(4)
        .map(async (serial) =>
          given.push(await subject.store.assignCertificate({ serial, user: 'alice', notAfter: 5_000 }, 99)),
        ),
    ]);
    assert.equal(await subject.store.assignCertificate({ serial: 'ff', user: 'alice', notAfter: 5_000 }, 99), false);
    // Every recorded certificate can be found, and so be revoked.
    assert.equal((await subject.store.certificatesOf('alice')).length, given.filter(Boolean).length);
  });
}
