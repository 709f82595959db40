/** Renewing with the same key and with a new one, and everything that is no renewal. */
import { rejectedCode, thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  type Application,
  CertificateAuthority,
  createCA,
  createCertRequest,
  createKeyPair,
  createRenewal,
  type Grant,
  issueCertificate,
  MemoryLedger,
  readCertificate,
} from '../../src/index.ts';
import { recordsOf } from '../ledger/records.ts';

const hourMs = 3_600_000;
const start = new Date('2030-06-01T12:00:00.400Z');
const root = createCA({ size: 'P-256', now: start });
const alice: Grant = {
  profile: 'client',
  names: { commonName: 'alice', uri: ['chat://example/alice'] },
  lifetimeMs: 8 * hourMs,
};

/** A CA, the certificate that it gave to alice, and her key. */
async function enrolled(type: 'ec' | 'rsa' | 'ed25519' = 'ec') {
  const clock = { now: start };
  const asked: Application<string>[] = [];
  const ledger = new MemoryLedger();
  const ca = new CertificateAuthority<string>({
    ...root,
    ledger,
    clock: () => clock.now,
    authorise: (application) => {
      asked.push(application);
      return application.context === 'banned' ? null : (application.previous ?? alice);
    },
  });
  const keys = createKeyPair(type);
  const { certificate, serial } = await ca.issue(createCertRequest(keys, {}), 'enrol');
  return { ca, clock, asked, ledger, keys, certificate, serial };
}

describe('renew', () => {
  test.each(['ec', 'rsa', 'ed25519'] as const)(
    'with the same %s key: what was granted, for as long again',
    async (type) => {
      const { ca, clock, asked, keys, certificate, serial } = await enrolled(type);
      clock.now = new Date(start.getTime() + 6 * hourMs);
      const renewed = await ca.renew(createRenewal(certificate, keys.privateKey), 'renew');
      expect(renewed.serial).not.toBe(serial);
      expect(readCertificate(renewed.certificate)).toMatchObject({
        subject: { commonName: 'alice' },
        names: { uri: ['chat://example/alice'] },
        purposes: ['clientAuth'],
        notAfter: new Date('2030-06-02T02:00:00Z'),
      });
      expect(readCertificate(renewed.certificate).publicKey.equals(keys.publicKey)).toBe(true);
      expect(asked[1]).toMatchObject({ context: 'renew', previous: alice });

      clock.now = new Date(start.getTime() + 12 * hourMs);
      await ca.renew(createRenewal(renewed.certificate, keys.privateKey), 'renew');
      expect(asked[2]?.previous).toEqual(alice);
    },
  );

  test('issues for a new key, which the old key has signed', async () => {
    const { ca, keys, certificate } = await enrolled();
    const next = createKeyPair('ec', 'P-384');
    const renewed = await ca.renew(createRenewal(certificate, keys.privateKey, next), 'renew');
    expect(readCertificate(renewed.certificate).publicKey.equals(next.publicKey)).toBe(true);
    const again = await ca.renew(createRenewal(renewed.certificate, next.privateKey), 'renew');
    expect(again.serial).not.toBe(renewed.serial);
  });

  test('asks authorise, which may refuse', async () => {
    const { ca, keys, certificate } = await enrolled();
    expect(await rejectedCode(ca.renew(createRenewal(certificate, keys.privateKey), 'banned'))).toBe('not-authorised');
  });

  test('refuses a certificate that has expired', async () => {
    const { ca, clock, keys, certificate } = await enrolled();
    const renewal = createRenewal(certificate, keys.privateKey);
    clock.now = new Date(start.getTime() + 8 * hourMs + 1000);
    expect(await rejectedCode(ca.renew(renewal, 'renew'))).toBe('expired');
  });

  test('refuses a certificate that is revoked', async () => {
    const { ca, keys, certificate, serial } = await enrolled();
    await ca.revoke(serial);
    expect(await rejectedCode(ca.renew(createRenewal(certificate, keys.privateKey), 'renew'))).toBe('already-revoked');
  });

  test('refuses a certificate that is revoked while authorise decides', async () => {
    const ledger = new MemoryLedger();
    const ca: CertificateAuthority<string> = new CertificateAuthority<string>({
      ...root,
      ledger,
      clock: () => start,
      authorise: async ({ previous }) => {
        if (previous !== null) await ca.revoke(serial, 'privilegeWithdrawn');
        return previous ?? alice;
      },
    });
    const keys = createKeyPair('ec');
    const { certificate, serial } = await ca.issue(createCertRequest(keys, {}), 'enrol');
    expect(await rejectedCode(ca.renew(createRenewal(certificate, keys.privateKey), 'renew'))).toBe('already-revoked');
    const standing =
      (await recordsOf(ledger)).filter(({ type }) => type === 'issued').length - (await ledger.revoked()).length;
    expect(standing).toBe(0);
  });

  test('refuses a renewal that the old key has not signed', async () => {
    const { ca, keys, certificate } = await enrolled();
    const mallory = createKeyPair('ec');
    const renewal = createRenewal(certificate, keys.privateKey);
    const names = { commonName: 'alice' };
    const request = createCertRequest(mallory, names);
    expect(await rejectedCode(ca.renew({ ...renewal, request }, 'renew'))).toBe('bad-proof');
    const own = createRenewal((await ca.issue(request, 'enrol')).certificate, mallory.privateKey);
    expect(await rejectedCode(ca.renew({ ...own, certificate }, 'renew'))).toBe('bad-proof');
    expect(await rejectedCode(ca.renew({ ...renewal, proof: '' }, 'renew'))).toBe('bad-proof');
    expect(thrownCode(() => createRenewal(certificate, mallory.privateKey))).toBe('key-mismatch');
  });

  test('refuses a certificate of another CA, even of the same name and key', async () => {
    const { ca } = await enrolled();
    const { keys, certificate } = await enrolled();
    expect(await rejectedCode(ca.renew(createRenewal(certificate, keys.privateKey), 'renew'))).toBe('unknown-serial');
  });

  test('refuses a certificate with the serial number of another one', async () => {
    const { ca, serial } = await enrolled();
    const mallory = createKeyPair('ec');
    const forged = issueCertificate({
      request: createCertRequest(mallory, {}),
      ca: createCA({ commonName: 'mini-ca root', size: 'P-256', now: start }),
      profile: 'client',
      names: { commonName: 'admin' },
      lifetimeMs: hourMs,
      now: start,
      serial: BigInt(`0x${serial}`),
    });
    expect(await rejectedCode(ca.renew(createRenewal(forged, mallory.privateKey), 'renew'))).toBe('unknown-serial');
  });
});
