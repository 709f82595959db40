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
  test('an empty list, numbered, of this CA', async () => {
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

  test('names what was revoked, since when and why', async () => {
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

  test('numbers go up, also when they are made at once, and by an authority that was started anew', async () => {
    const { ca, ledger } = authority();
    const crls = await Promise.all([ca.createCrl(), ca.createCrl(), ca.createCrl()]);
    expect(crls.map((crl) => readCrl(crl).number)).toEqual([1n, 2n, 3n]);
    expect(readCrl(await authority(ledger).ca.createCrl()).number).toBe(4n);
    expect(await ledger.latestCrl()).toMatchObject({ number: 4, nextUpdate: start + 24 * hourMs });
  });

  test('a certificate stays on the list until it was on one made after its end', async () => {
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

  test('one that is revoked after its end is on one list', async () => {
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

  test('not by a CA that has expired, and not for no time', async () => {
    const { ca, clock, ledger } = authority();
    expect(await rejectedCode(ca.createCrl({ lifetimeMs: 0 }))).toBe('bad-argument');
    clock.hours = 11 * 365 * 24;
    expect(await rejectedCode(ca.createCrl())).toBe('issuer-not-valid');
    expect(await recordsOf(ledger)).toEqual([]);
  });
});

describe('revoke', () => {
  test('once, and only what this CA issued', async () => {
    const { ca } = authority();
    const { serial } = await ca.issue(request);
    expect(await rejectedCode(ca.revoke('01'))).toBe('unknown-serial');
    await ca.revoke(serial);
    expect(await rejectedCode(ca.revoke(serial, 'keyCompromise'))).toBe('already-revoked');
  });

  test.each(['certificateHold', 'removeFromCRL', 'constructor', ''])('not for the reason %j', async (reason) => {
    const { ca } = authority();
    const { serial } = await ca.issue(request);
    expect(await rejectedCode(ca.revoke(serial, reason as PermanentRevocationReason))).toBe('bad-argument');
    expect(outcomeOf(() => readCertificate(root.certificate))).toBe('accepted');
  });
});
