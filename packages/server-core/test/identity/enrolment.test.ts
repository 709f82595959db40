/** Enrolment and renewal over the enrolment port. */
import { createHash } from 'node:crypto';
import { createCA, createCertRequest, createKeyPair, type LedgerRecord, readCertificate } from '@chat/mini-ca';
import { enrolStatement, limits, type ProtocolError, protocolVersion, toBase64url } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../src/contract/index.ts';
import type { HeldCertificate } from '../../src/index.ts';
import { author, enrol, renew, statementFor } from '../support/enrolling.ts';
import { strangeRequest } from '../support/strange-request.ts';
import { outcomeOf } from '../support/test-client.ts';
import { testServer } from '../support/test-server.ts';

const now = Date.now();

describe('enrolment', () => {
  test('binds a name to a key and answers with a certificate that logs in', async () => {
    await using at = await testServer();
    const client = await at.connectToEnrol();
    expect(await client.first('welcome')).toMatchObject({
      service: 'enrolment',
      policy: 'open',
      chatPort: at.server.chatAddress.port,
    });
    const before = Date.now();
    const alice = await enrol(at, author('alice'), undefined, client);
    const { subject, names, notAfter, purposes } = readCertificate(alice.certificate);
    expect(subject).toEqual({ commonName: 'alice' });
    expect(names).toEqual({ uri: ['urn:chat:user:alice', `urn:chat:identity:${alice.signer.fingerprint}`] });
    expect(purposes).toEqual(['clientAuth']);
    // A certificate counts seconds.
    expect(notAfter.getTime()).toBeGreaterThan(before + 24 * 3_600_000 - 1_000);
    expect(notAfter.getTime()).toBeLessThanOrEqual(Date.now() + 24 * 3_600_000);
    const session = await at.login(alice);
    expect(await session.request('list-rooms', {})).toEqual({ rooms: [], more: false });
  });

  test('binds a name to one key, which may enrol again', async () => {
    await using at = await testServer();
    const alice = await enrol(at, author('alice'));
    expect(await outcomeOf(enrol(at, author('alice')))).toBe('user-name-taken');
    await at.login(await enrol(at, alice));
  });

  test('accepts a nonce for one request only', async () => {
    await using at = await testServer();
    const client = await at.connectToEnrol();
    const alice = author('alice');
    await enrol(at, alice, undefined, client);
    expect(await outcomeOf(enrol(at, alice, undefined, client))).toBe('not-now');
    await client.closed;
  });

  test('refuses a statement for another connection, key or request', async () => {
    await using at = await testServer();
    const alice = author('alice');
    const identity = toBase64url(alice.signer.publicKey);
    const other = toBase64url(generateSigner().publicKey);
    const request = createCertRequest(createKeyPair('ec', 'P-256'), {});
    for (const change of [{ identity: other }, { request }, { user: 'bob' }]) {
      const client = await at.connectToEnrol();
      const { fields } = await statementFor(at, client, alice, enrolStatement);
      // Two requests at once, of which the second would be accepted alone.
      const tries = [
        { ...fields, identity, ...change },
        { ...fields, identity },
      ];
      const [wrong] = await Promise.all(tries.map((each) => outcomeOf(client.request('enrol', each))));
      expect(wrong).toBe('login-refused');
      await client.closed;
    }
    const [first, second] = [await at.connectToEnrol(), await at.connectToEnrol()];
    const { fields } = await statementFor(at, first, alice, enrolStatement);
    expect(await outcomeOf(second.request('enrol', { ...fields, identity }))).toBe('login-refused');
    expect(await outcomeOf((await at.connectToEnrol()).request('renew', fields))).toBe('login-refused');
    expect(await at.store.findAccount('alice')).toBeNull();
    await first.request('enrol', { ...fields, identity });
  });

  test('refuses a request that cannot be signed, before it binds a name or uses up an invitation', async () => {
    await using at = await testServer({ policy: 'invite' });
    const tokenHash = createHash('sha256').update('bGV0LW1lLWlu').digest('hex');
    await at.store.addInvitation({ tokenHash, expiresAt: Date.now() + 60_000 });
    const alice = author('alice');
    const strange = strangeRequest(2_000);
    const requests = [
      '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n',
      strange,
      createCertRequest(createKeyPair('ec', 'P-256'), {
        dns: Array.from({ length: 99 }, (_, n) => ['a', ...Array(9).fill(n), 'a'].join('.')),
      }),
      createCertRequest(createKeyPair('ec', 'P-256'), { commonName: 'bob' }),
      createCertRequest(createKeyPair('ec', 'P-256'), { commonName: 'alice', uri: ['urn:chat:user:bob'] }),
      createCertRequest(createKeyPair('dsa'), { commonName: 'alice' }),
    ];
    expect(strange.length).toBeLessThan(limits.requestPemBytes);
    expect(requests[2]?.length).toBeGreaterThan(limits.requestPemBytes);
    for (const request of requests) {
      const client = await at.connectToEnrol();
      const { nonce } = await client.first('welcome');
      const connection = { serverId: at.server.serverId, nonce, channel: client.channel };
      const { domain, data } = enrolStatement(connection, 'alice', request);
      const signature = toBase64url(alice.signer.sign(domain, data));
      const identity = toBase64url(alice.signer.publicKey);
      const fields = {
        version: protocolVersion,
        user: 'alice',
        identity,
        request,
        signature,
        invitation: 'bGV0LW1lLWlu',
      };
      expect(await outcomeOf(client.request('enrol', fields))).toBe('certificate-request-refused');
      await client.closed;
    }
    expect(await at.store.findAccount('alice')).toBeNull();
    await enrol(at, alice, 'bGV0LW1lLWlu');
  });

  test('refuses malformed fields', async () => {
    await using at = await testServer();
    const alice = author('alice');
    const identity = toBase64url(alice.signer.publicKey);
    for (const [change, code] of [
      [{ identity: 'AAAA' }, 'malformed-request'],
      [{ version: 9 }, 'unsupported-version'],
    ] as const) {
      const client = await at.connectToEnrol();
      const { fields } = await statementFor(at, client, alice, enrolStatement);
      expect(await outcomeOf(client.request('enrol', { ...fields, identity, ...change }))).toBe(code);
    }
  });

  test('with the policy invite accepts one user for each token', async () => {
    await using at = await testServer({ policy: 'invite' });
    const tokenHash = createHash('sha256').update('bGV0LW1lLWlu').digest('hex');
    await at.store.addInvitation({ tokenHash, expiresAt: Date.now() + 60_000 });
    const alice = author('alice');
    expect(await outcomeOf(enrol(at, alice))).toBe('invitation-required');
    expect(await outcomeOf(enrol(at, alice, 'Z3Vlc3M'))).toBe('invitation-refused');
    await enrol(at, alice, 'bGV0LW1lLWlu');
    expect(await outcomeOf(enrol(at, author('bob'), 'bGV0LW1lLWlu'))).toBe('invitation-refused');
    // Without a valid invitation, no requester learns that a name is taken.
    expect(await outcomeOf(enrol(at, author('alice')))).toBe('invitation-required');
    expect(await outcomeOf(enrol(at, author('alice'), 'bGV0LW1lLWlu'))).toBe('invitation-refused');
    // A registered user needs no invitation.
    await at.login(await enrol(at, alice));
  });

  test('with the policy closed refuses new users, and issues certificates to registered ones', async () => {
    await using at = await testServer({ policy: 'closed' });
    const alice = author('alice');
    expect(await outcomeOf(enrol(at, alice))).toBe('enrolment-closed');
    const { fingerprint, publicKey: identity } = alice.signer;
    await at.store.register({ user: 'alice', fingerprint, identity, enrolledAt: 1 }, null);
    await at.login(await enrol(at, alice));
    await at.login(await renew(at, alice));
  });

  test('does not know the operations of the chat port', async () => {
    await using at = await testServer();
    const client = await at.connectToEnrol();
    expect(await outcomeOf(client.ask('login', {}))).toBe('unknown-operation');
    expect(await outcomeOf(client.ask('constructor', {}))).toBe('unknown-operation');
  });
});

describe('renewal', () => {
  test('accepts the registered key, whether the last certificate has expired or not', async () => {
    const clock = { now: Date.now() - 48 * 3_600_000 };
    const ca = createCA({ now: new Date(clock.now) });
    await using at = await testServer({ ca, clock: () => clock.now });
    const alice = await enrol(at, author('alice'));
    expect(readCertificate(alice.certificate).notAfter.getTime()).toBeLessThan(Date.now());
    clock.now = Date.now();
    const renewed = await renew(at, alice);
    expect(readCertificate(renewed.certificate).notAfter.getTime()).toBeGreaterThan(Date.now());
  });

  test('gives the same answer for a wrong key of a registered and of a revoked user, and for an unknown name', async () => {
    await using at = await testServer();
    for (const user of ['alice', 'bob']) await enrol(at, author(user));
    await at.server.revoke('bob', 'unspecified');
    const refusals = [];
    for (const user of ['alice', 'bob', 'unknown']) {
      refusals.push(await renew(at, author(user)).catch(({ code, message }: ProtocolError) => ({ code, message })));
    }
    expect(refusals[0]).toMatchObject({ code: 'login-refused' });
    expect(refusals).toEqual(Array(3).fill(refusals[0]));
  });

  test('is limited for each user, and only by those who have the key', async () => {
    await using at = await testServer({ limits: { renewalsPerHour: 2 }, clock: () => now });
    const [alice, bob] = [await enrol(at, author('alice')), await enrol(at, author('bob'))];
    for (let time = 0; time < 3; time++) await outcomeOf(renew(at, author('alice')));
    await renew(at, alice);
    await enrol(at, alice);
    expect(await outcomeOf(renew(at, alice))).toBe('limit-reached');
    expect(await outcomeOf(enrol(at, alice))).toBe('limit-reached');
    await renew(at, bob);
  });
});

describe('new names', () => {
  test('are limited for each host, also those that are taken', async () => {
    await using at = await testServer({ limits: { newNamesPerHostAndHour: 3 }, clock: () => now });
    const alice = await enrol(at, author('alice'));
    for (let time = 0; time < 2; time++) expect(await outcomeOf(enrol(at, author('alice')))).toBe('user-name-taken');
    expect(await outcomeOf(enrol(at, author('bob')))).toBe('limit-reached');
    // A registered user is not a new name.
    await at.login(await enrol(at, alice));
  });

  test('are limited in all, where only bound names count', async () => {
    await using at = await testServer({ limits: { newNamesPerHour: 2 }, clock: () => now });
    await enrol(at, author('alice'));
    expect(await outcomeOf(enrol(at, author('alice')))).toBe('user-name-taken');
    await enrol(at, author('bob'));
    expect(await outcomeOf(enrol(at, author('carol')))).toBe('limit-reached');
    expect(await at.store.findAccount('carol')).toBeNull();
  });
});

describe('the ledger', () => {
  test('has every certificate, and the directory its owner, before it is handed out', async () => {
    const store = createMemoryStore();
    const { ledger, assignCertificate } = store;
    const recorded: LedgerRecord[] = [];
    const append = ledger.append.bind(ledger);
    ledger.append = async (record) => {
      recorded.push(record);
      if (recorded.length === 5) throw new Error('disk full');
      await append(record);
    };
    Object.assign(store, {
      assignCertificate: async (held: HeldCertificate, maxKept: number) => {
        if (held.user === 'carol') throw new Error('disk full');
        return assignCertificate(held, maxKept);
      },
    });
    await using at = await testServer({ store });
    expect(recorded).toMatchObject([{ type: 'issued', profile: 'server' }, { type: 'crl' }]);
    const alice = await enrol(at, author('alice'));
    const { serial, fingerprint } = readCertificate(alice.certificate);
    expect(recorded[2]).toMatchObject({ type: 'issued', profile: 'client', serial, fingerprint });
    expect(await store.certificatesOf('alice')).toEqual([serial]);
    expect(await outcomeOf(enrol(at, author('carol')))).toBe('internal');
    expect(await outcomeOf(enrol(at, author('bob')))).toBe('internal');
    expect(recorded).toHaveLength(5);
  });
});
