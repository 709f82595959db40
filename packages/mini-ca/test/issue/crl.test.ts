/** Revoking, and the lists that say so. */
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  CertificateAuthority,
  createCA,
  createRequest,
  MemoryLedger,
  type PermanentRevocationReason,
  readCertificate,
  readCrl,
} from '../../src/index.ts';
import { parseCertificateList } from '../../src/x509/revocation-list.ts';
import { recordsOf } from '../ledger/records.ts';
import { outcomeOf } from '../support/forge.ts';

const hourMs = 3_600_000;
const start = Date.parse('2030-06-01T12:00:00Z');
const root = createCA({ commonName: 'Test CA', size: 'P-256', now: new Date(start) });
const { request } = createRequest('chat.example');

function authority(ledger = new MemoryLedger()) {
  const clock = { hours: 0 };
  const ca = new CertificateAuthority({
    ...root,
    ledger,
    clock: () => new Date(start + clock.hours * hourMs),
    authorise: () => ({ profile: 'server', names: { dns: ['chat.example'] }, lifetimeMs: 10 * hourMs }),
  });
  return { ca, clock, ledger };
}

describe('createCrl', () => {
  test('creates an empty, numbered list', async () => {
    const { ca } = authority();
    const { info, extensions } = await import('../../src/x509/certificate.ts').then((m) =>
      m.parseCertificate(root.certificate),
    );
    const crl = await ca.createCrl();
    expect(readCrl(crl)).toMatchObject({
      issuer: info.subject,
      thisUpdate: new Date(start),
      nextUpdate: new Date(start + 24 * hourMs),
      number: 1n,
    });
    expect(readCrl(crl).revoked.size).toBe(0);
    expect(parseCertificateList(crl).authorityKeyId).toEqual(extensions.subjectKeyId);
  });

  test('lists revoked certificates with time and reason', async () => {
    const { ca, clock } = authority();
    const [first, second] = [await ca.issue(request), await ca.issue(request)];
    await ca.issue(request);
    clock.hours = 1;
    await ca.revoke(first.serial, 'keyCompromise');
    clock.hours = 2;
    await ca.revoke(second.serial);
    const { revoked, number, nextUpdate } = readCrl(await ca.createCrl({ lifetimeMs: hourMs }));
    expect([...revoked.values()]).toEqual([
      { serial: first.serial, revokedAt: new Date(start + hourMs), reason: 'keyCompromise' },
      { serial: second.serial, revokedAt: new Date(start + 2 * hourMs) },
    ]);
    expect([number, nextUpdate]).toEqual([1n, new Date(start + 3 * hourMs)]);
  });

  test('increases the number for concurrent calls, and after a restart', async () => {
    const { ca, ledger } = authority();
    const crls = await Promise.all([ca.createCrl(), ca.createCrl(), ca.createCrl()]);
    expect(crls.map((crl) => readCrl(crl).number)).toEqual([1n, 2n, 3n]);
    expect(readCrl(await authority(ledger).ca.createCrl()).number).toBe(4n);
    expect(await ledger.latestCrl()).toMatchObject({ number: 4, nextUpdate: start + 24 * hourMs });
  });

  test('lists a certificate until a list after its end has had it', async () => {
    const { ca, clock } = authority();
    const { serial } = await ca.issue(request);
    await ca.revoke(serial);
    const listedAt = async (hours: number) => {
      clock.hours = hours;
      return readCrl(await ca.createCrl()).revoked.has(serial);
    };
    expect([await listedAt(9), await listedAt(11), await listedAt(12), await listedAt(13)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('lists a certificate that is revoked after its end once', async () => {
    const { ca, clock } = authority();
    const { serial } = await ca.issue(request);
    clock.hours = 11;
    await ca.createCrl();
    clock.hours = 12;
    await ca.revoke(serial);
    expect(readCrl(await ca.createCrl()).revoked.has(serial)).toBe(true);
    clock.hours = 13;
    expect(readCrl(await ca.createCrl()).revoked.has(serial)).toBe(false);
  });

  test('keeps a certificate that is still valid on the list after a moment with a clock ahead', async () => {
    const { ca, clock } = authority();
    const [{ serial }, later] = [await ca.issue(request), await ca.issue(request)];
    await ca.revoke(serial);
    const listedAt = async (hours: number, of = serial) => {
      clock.hours = hours;
      return readCrl(await ca.createCrl()).revoked.get(of);
    };
    expect(await listedAt(1)).toBeDefined();
    await listedAt(100);
    await listedAt(101);
    await ca.revoke(later.serial);
    expect(await listedAt(2)).toBeDefined();
    // A list from the future does not count as the one after the end either.
    expect(await listedAt(11)).toBeDefined();
    const listed = await listedAt(3, later.serial);
    expect(listed?.revokedAt).toEqual(new Date(start + 3 * hourMs));
  });

  test('refuses an expired CA, and a lifetime of 0 or without end', async () => {
    const { ca, clock, ledger } = authority();
    expect(await rejectedCode(ca.createCrl({ lifetimeMs: 0 }))).toBe('bad-argument');
    expect(await rejectedCode(ca.createCrl({ lifetimeMs: Number.POSITIVE_INFINITY }))).toBe('bad-argument');
    clock.hours = 11 * 365 * 24;
    expect(await rejectedCode(ca.createCrl())).toBe('issuer-not-valid');
    expect(await recordsOf(ledger)).toEqual([]);
  });
});

describe('revoke', () => {
  test('refuses to revoke twice, or a certificate of another CA', async () => {
    const { ca } = authority();
    const { serial } = await ca.issue(request);
    expect(await rejectedCode(ca.revoke('01'))).toBe('unknown-serial');
    await ca.revoke(serial);
    expect(await rejectedCode(ca.revoke(serial, 'keyCompromise'))).toBe('already-revoked');
  });

  test.each(['certificateHold', 'removeFromCRL', 'constructor', ''])('refuses the reason %j', async (reason) => {
    const { ca } = authority();
    const { serial } = await ca.issue(request);
    expect(await rejectedCode(ca.revoke(serial, reason as PermanentRevocationReason))).toBe('bad-argument');
    expect(outcomeOf(() => readCertificate(root.certificate))).toBe('accepted');
  });
});
