import { runInNewContext } from 'node:vm';
import { rejectedCode, thrownCode } from '@chat/testkit';
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
  renewalWindow,
} from '../../src/index.ts';
import { parseCertificate } from '../../src/x509/certificate.ts';
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

describe('issue', () => {
  test('keeps the key and names of the request from changes by authorise', async () => {
    const { ca, ledger } = authority({
      profiles: { p256: { ...profiles.server, keys: ['P-256'] } },
      authorise: ({ request: given, context }) => {
        Reflect.set(given, 'publicKey', keys.publicKey);
        return context;
      },
    });
    const rsa = createCertRequest(createKeyPair('rsa', 2048), {});
    expect(await rejectedCode(ca.issue(rsa, { ...server, profile: 'p256' }))).toBe('key-not-allowed');
    expect(await recordsOf(ledger)).toEqual([]);
  });

  test('accepts DER of another realm', async () => {
    const { ca } = authority();
    const foreign = (bytes: Uint8Array): Uint8Array => runInNewContext('Uint8Array.from(bytes)', { bytes: [...bytes] });
    const der = foreign(Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64'));
    expect(der).not.toBeInstanceOf(Uint8Array);
    const issued = await ca.issue(der, server);
    expect(readCertificate(foreign(issued.der)).names).toEqual({ dns: ['chat.example'] });
    expect(renewalWindow(foreign(issued.der), () => 0.5)).toEqual(renewalWindow(issued.certificate, () => 0.5));
    // Not 32 digits each time: a serial number that begins with a zero byte has fewer.
    expect((await ca.issue(ca.check(der, server), server)).serial).toMatch(/^[\da-f]{2,32}$/u);
  });

  test('issues what was granted with the extensions of the profile, and records it', async () => {
    const { ca, ledger } = authority();
    const issued = await ca.issue(request, server);
    const certificate = readCertificate(issued.certificate);
    expect(certificate).toMatchObject({
      serial: issued.serial,
      fingerprint: issued.fingerprint,
      notBefore: issued.notBefore,
      notAfter: issued.notAfter,
      purposes: ['serverAuth'],
      isCA: false,
    });
    // The request asks for a common name as well.
    expect([certificate.subject, certificate.names]).toEqual([{}, { dns: ['chat.example'] }]);
    expect(issued.notBefore).toEqual(new Date(now.getTime() - 5 * 60_000));
    expect(issued.notAfter).toEqual(new Date(now.getTime() + dayMs));
    const [record, ...others] = await recordsOf(ledger);
    expect(others).toEqual([]);
    expect(record).toEqual({
      type: 'issued',
      serial: issued.serial,
      at: now.getTime(),
      profile: 'server',
      lifetimeMs: dayMs,
      notBefore: issued.notBefore.getTime(),
      notAfter: issued.notAfter.getTime(),
      fingerprint: issued.fingerprint,
      certificate: Buffer.from(certificate.der).toString('base64'),
    });
  });

  test('passes the request and the context to authorise', async () => {
    const seen: Application<string>[] = [];
    const ca = new CertificateAuthority<string>({
      ...root,
      ledger: new MemoryLedger(),
      clock: () => now,
      authorise: async (application) => {
        seen.push(application);
        return { ...server, lifetimeMs: hourMs };
      },
    });
    const { notAfter } = await ca.issue(request, 'alice');
    expect(notAfter).toEqual(new Date(now.getTime() + hourMs));
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      context: 'alice',
      previous: null,
      request: { keyType: 'ec', names: { commonName: 'chat.example', dns: ['chat.example'] } },
    });
  });

  test('returns no certificate before it is recorded', async () => {
    const failing = new MemoryLedger();
    failing.append = async () => {
      throw new Error('the disk is full');
    };
    await expect(authority({ ledger: failing }).ca.issue(request, server)).rejects.toThrow('the disk is full');

    let recorded = () => {};
    const slow = new MemoryLedger();
    slow.append = () => new Promise((resolve) => (recorded = resolve));
    let isOut = false;
    const issuing = authority({ ledger: slow })
      .ca.issue(request, server)
      .then(() => (isOut = true));
    await new Promise(setImmediate);
    expect(isOut).toBe(false);
    recorded();
    await issuing;
  });

  test('signs nothing when authorise returns null or undefined, or throws', async () => {
    const { ca, ledger } = authority();
    expect(await rejectedCode(ca.issue(request, null))).toBe('not-authorised');
    const throwing = authority({
      ledger,
      authorise: () => {
        throw new Error('not this one');
      },
    });
    await expect(throwing.ca.issue(request, server)).rejects.toThrow('not this one');
    const nothing = authority({ ledger, authorise: () => undefined as unknown as null });
    expect(await rejectedCode(nothing.ca.issue(request, server))).toBe('not-authorised');
    expect(await recordsOf(ledger)).toEqual([]);
  });

  test('does not ask authorise about a false proof of possession', async () => {
    let asked = 0;
    const { ca } = authority({
      authorise: () => {
        asked += 1;
        return server;
      },
    });
    const other = createRequest('chat.example').request;
    const damaged = Buffer.from(other.replace(/-----[^-]+-----/g, ''), 'base64');
    damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 1;
    expect(await rejectedCode(ca.issue(damaged, server))).toBe('no-possession');
    expect(asked).toBe(0);
  });

  test('issues a CA certificate that cannot issue further ones', async () => {
    const { ca } = authority();
    const own = createKeyPair('ec');
    const names = { commonName: 'Issuing CA' };
    const issued = await ca.issue(createCertRequest(own, {}), { profile: 'intermediate', names });
    expect(parseCertificate(issued.certificate).extensions).toMatchObject({ isCA: true, pathLength: 0 });
    expect(issued.notAfter).toEqual(readCertificate(root.certificate).notAfter);

    const below = authority({ certificate: issued.certificate, privateKey: own.privateKey });
    expect(readCertificate((await below.ca.issue(request, server)).certificate).issuer).toEqual(names);
    const another = below.ca.issue(createCertRequest(keys, {}), { profile: 'intermediate', names });
    expect(await rejectedCode(another)).toBe('path-too-long');
  });

  test('applies additional profiles', async () => {
    const workload = {
      ...profiles.client,
      names: ['uri'],
      needsOneOf: ['uri'],
      keys: ['P-256'],
      maxLifetimeMs: hourMs,
    } as const;
    const { ca } = authority({ profiles: { workload } });
    const grant = { profile: 'workload', names: { uri: ['spiffe://example/web'] }, lifetimeMs: hourMs };
    const { certificate } = await ca.issue(createCertRequest(keys, {}), grant);
    expect(readCertificate(certificate)).toMatchObject({ names: grant.names, purposes: ['clientAuth'] });
    const longer = ca.issue(createCertRequest(keys, {}), { ...grant, lifetimeMs: hourMs + 1 });
    expect(await rejectedCode(longer)).toBe('lifetime-not-allowed');
  });

  test.each<[string, () => Grant, string]>([
    ['an unknown profile', () => ({ ...server, profile: 'constructor' }), 'bad-argument'],
    ['no name', () => ({ profile: 'server', names: {} }), 'bad-name'],
    ['a server that has only a common name', () => ({ profile: 'server', names: { commonName: 'x' } }), 'bad-name'],
    [
      'a URI for a server',
      () => ({ profile: 'server', names: { dns: ['a.example'], uri: ['a:b'] } }),
      'name-kind-not-allowed',
    ],
    ['an address for a client', () => ({ profile: 'client', names: { ip: ['::1'] } }), 'name-kind-not-allowed'],
    ['a wildcard', () => ({ profile: 'server', names: { dns: ['*.example'] } }), 'wildcard-not-allowed'],
    ['a name in two scripts', () => ({ profile: 'client', names: { commonName: 'аlice' } }), 'look-alike-name'],
    ['a lifetime that is too long', () => ({ ...server, lifetimeMs: 399 * dayMs }), 'lifetime-not-allowed'],
    ['a lifetime of 0', () => ({ ...server, lifetimeMs: 0 }), 'bad-argument'],
    ['a lifetime that is not a number', () => ({ ...server, lifetimeMs: Number.NaN }), 'bad-argument'],
  ])('refuses a grant of %s', async (_, grant, code) => {
    const { ca, ledger } = authority();
    expect(await rejectedCode(ca.issue(createCertRequest(keys, {}), grant()))).toBe(code);
    expect(await recordsOf(ledger)).toEqual([]);
  });

  test('refuses to issue outside the validity of the CA', async () => {
    const early = authority({ clock: () => new Date('2029-01-01') });
    expect(await rejectedCode(early.ca.issue(request, server))).toBe('issuer-not-valid');
    const late = authority({ clock: () => new Date('2031-06-02') });
    expect(await rejectedCode(late.ca.issue(request, server))).toBe('issuer-not-valid');
    const broken = authority({ clock: () => new Date(Number.NaN) });
    expect(await rejectedCode(broken.ca.issue(request, server))).toBe('issuer-not-valid');
  });

  test('gives each of many concurrent certificates its own serial number', async () => {
    const { ca } = authority();
    const all = await Promise.all(Array.from({ length: 50 }, () => ca.issue(request, server)));
    expect(new Set(all.map(({ serial }) => serial)).size).toBe(50);
  });
});

test('uses the time of the system by default', async () => {
  const today = createCA({ size: 'P-256' });
  const ca = new CertificateAuthority({ ...today, ledger: new MemoryLedger(), authorise: () => server });
  const { notAfter } = await ca.issue(request);
  expect(Math.abs(notAfter.getTime() - Date.now() - dayMs)).toBeLessThan(hourMs);
});

test('refuses a private key that does not belong to the certificate', () => {
  expect(thrownCode(() => authority({ privateKey: keys.privateKey }))).toBe('key-mismatch');
});
