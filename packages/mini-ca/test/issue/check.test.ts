/** What `check` prepares, and what `issue` does with it. */
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  type Application,
  type AuthorityOptions,
  CertificateAuthority,
  createCA,
  createCertRequest,
  createKeyPair,
  createRequest,
  type Grant,
  MemoryLedger,
  profiles,
  readCertificate,
} from '../../src/index.ts';
import { recordsOf } from '../ledger/records.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const now = new Date('2030-06-01T12:00:00Z');
const root = createCA({ commonName: 'Test CA', size: 'P-256', now, years: 1, pathLength: 1 });
const keys = createKeyPair('ec');
const { request } = createRequest('chat.example');
const server: Grant = { profile: 'server', names: { dns: ['chat.example'] } };

function authority(options: Partial<AuthorityOptions<Grant | null>> = {}) {
  const ledger = new MemoryLedger();
  const authorise = ({ context }: Application<Grant | null>) => context;
  return { ca: new CertificateAuthority({ ...root, ledger, authorise, clock: () => now, ...options }), ledger };
}

describe('check', () => {
  test('refuses what issue would refuse, and signs and records nothing', async () => {
    const { ca, ledger } = authority();
    expect(ca.check(request, server)).toMatchObject({ grant: server, request: { keyType: 'ec' } });
    const modest = { profile: 'server', names: { dns: ['other.example'] } };
    for (const [asked, grant, code] of [
      ['-----BEGIN CERTIFICATE REQUEST-----', server, 'malformed'],
      [request, modest, 'name-not-granted'],
      [request, { ...server, lifetimeMs: 400 * dayMs }, 'lifetime-not-allowed'],
      [createCertRequest(createKeyPair('dsa'), {}), server, 'key-not-allowed'],
    ] as const) {
      expect(() => ca.check(asked, grant)).toThrow(expect.objectContaining({ code }));
      expect(await rejectedCode(ca.issue(asked, grant))).toBe(code);
    }
    expect(await recordsOf(ledger)).toEqual([]);
  });

  test('prepares a request that issue signs as it was checked', async () => {
    const { ca, ledger } = authority();
    const der = new Uint8Array(Buffer.from(request.replace(/-----[^-]+-----/g, ''), 'base64'));
    const grant = { profile: 'server', names: { dns: ['chat.example'] }, lifetimeMs: hourMs };
    const prepared = ca.check(der, grant);
    // Neither the bytes nor the grant reach what was checked any more.
    der.fill(0);
    grant.profile = 'client';
    grant.names.dns[0] = 'mallory.example';
    grant.lifetimeMs = dayMs;
    const issued = await ca.issue(prepared, prepared.grant);
    const { names, purposes, publicKey } = readCertificate(issued.certificate);
    expect({ names, purposes }).toEqual({ names: { dns: ['chat.example'] }, purposes: ['serverAuth'] });
    expect(publicKey.equals(prepared.request.publicKey)).toBe(true);
    expect(issued.notAfter).toEqual(new Date(now.getTime() + hourMs));
    expect(await recordsOf(ledger)).toMatchObject([{ profile: 'server', lifetimeMs: hourMs }]);
  });

  test('prepares a request about which authorise is still asked, and any other grant is checked', async () => {
    const { ca, ledger } = authority();
    const prepared = ca.check(request, server);
    expect(await rejectedCode(ca.issue(prepared, null))).toBe('not-authorised');
    const other = { profile: 'server', names: { dns: ['other.example'] } };
    expect(await rejectedCode(ca.issue(prepared, other))).toBe('name-not-granted');
    expect(await rejectedCode(ca.issue(prepared, { ...server, lifetimeMs: 400 * dayMs }))).toBe('lifetime-not-allowed');
    expect(await recordsOf(ledger)).toEqual([]);
    const { notAfter } = await ca.issue(prepared, { ...server, lifetimeMs: hourMs });
    expect(notAfter).toEqual(new Date(now.getTime() + hourMs));
  });

  test('prepares a request whose dates are those of the issuing', async () => {
    let time = now;
    const { ca } = authority({ clock: () => time });
    const prepared = ca.check(request, server);
    time = new Date(now.getTime() + hourMs);
    expect((await ca.issue(prepared, server)).notAfter).toEqual(new Date(time.getTime() + dayMs));
    time = new Date('2031-06-02');
    expect(await rejectedCode(ca.issue(prepared, server))).toBe('issuer-not-valid');
  });

  test('prepares a request whose key, names and extensions the caller cannot exchange', async () => {
    const p256 = { ...profiles.server, keys: ['P-256'] } as const;
    const { ca, ledger } = authority({ profiles: { p256 } });
    const rsa = ca.check(createCertRequest(createKeyPair('rsa', 2048), {}), server);
    Reflect.set(rsa.request, 'publicKey', keys.publicKey);
    Reflect.set(rsa.request, 'keyType', 'ec');
    expect(await rejectedCode(ca.issue(rsa, { ...server, profile: 'p256' }))).toBe('key-not-allowed');

    const named = ca.check(createCertRequest(keys, { dns: ['chat.example'] }), server);
    Reflect.set(named.request.names.dns ?? [], 0, 'other.example');
    const other = { profile: 'server', names: { dns: ['other.example'] } };
    expect(await rejectedCode(ca.issue(named, other))).toBe('name-not-granted');
    expect(await recordsOf(ledger)).toEqual([]);
  });

  test('prepares a request for its own authority only', async () => {
    const prepared = authority().ca.check(request, server);
    const { ca, ledger } = authority();
    for (const foreign of [prepared, { ...ca.check(request, server) }]) {
      expect(await rejectedCode(ca.issue(foreign, server))).toBe('bad-argument');
    }
    expect(await recordsOf(ledger)).toEqual([]);
  });
});
