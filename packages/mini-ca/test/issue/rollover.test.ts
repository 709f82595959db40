/** A new root replaces the old one, step by step. Clients that trust either root accept the certificates of both. */
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  CertificateAuthority,
  createCA,
  createCertRequest,
  createKeyPair,
  createRequest,
  MemoryLedger,
  readCertificate,
  verifyCertificate,
} from '../../src/index.ts';
import { recordsOf } from '../ledger/records.ts';
import { outcomeOf } from '../support/forge.ts';

const start = new Date('2030-06-01T12:00:00Z');
const yearMs = 366 * 24 * 3_600_000;
const name = { dns: ['chat.example'] };

function authority(root: ReturnType<typeof createCA>, ledger: MemoryLedger, now = start) {
  const authorise = () => ({ profile: 'server', names: name });
  return new CertificateAuthority({ ...root, ledger, clock: () => now, authorise });
}

const nameCases = [
  ['the same name', { commonName: 'Example CA' }, { commonName: 'Example CA' }],
  ['another name', { commonName: 'Example CA 1', pathLength: 1 }, { commonName: 'Example CA 2', pathLength: 1 }],
] as const;

describe.each(nameCases)('to a root of %s', (_, oldOptions, newOptions) => {
  const oldRoot = createCA({ ...oldOptions, size: 'P-256', now: start, years: 3 });
  const newRoot = createCA({ ...newOptions, size: 'P-384', now: start, years: 10 });
  const { request } = createRequest('chat.example');

  test('clients with either anchor accept leaves of both roots at every step', async () => {
    const ledger = new MemoryLedger();
    const [before, after] = [authority(oldRoot, ledger), authority(newRoot, ledger)];
    const oldLeaf = (await before.issue(request)).certificate;
    // What every server sends along from now on.
    const crossed = [
      (await before.crossSign(newRoot.certificate)).certificate,
      (await after.crossSign(oldRoot.certificate)).certificate,
    ];
    const newLeaf = (await after.issue(request)).certificate;

    for (const anchor of [oldRoot.certificate, newRoot.certificate]) {
      for (const leaf of [oldLeaf, newLeaf]) {
        const verify = (intermediates: string[]) =>
          outcomeOf(() =>
            verifyCertificate(leaf, {
              anchors: [anchor],
              intermediates,
              at: start,
              purpose: 'serverAuth',
              name: 'chat.example',
            }),
          );
        expect(verify(crossed)).toBe('accepted');
        expect(verify([...crossed].reverse())).toBe('accepted');
        const isOwn = (leaf === oldLeaf) === (anchor === oldRoot.certificate);
        expect(verify([])).toBe(
          isOwn
            ? 'accepted'
            : readCertificate(leaf).issuer.commonName === readCertificate(anchor).subject.commonName
              ? 'key-identifier-mismatch'
              : 'unknown-issuer',
        );
      }
    }
    const profiles = (await recordsOf(ledger)).map((record) => record.type === 'issued' && record.profile);
    expect(profiles).toEqual(['server', 'cross-signed', 'cross-signed', 'server']);
  });

  test('the cross-certificate has the name, key and limits of the root, within the validity of both', async () => {
    const { certificate } = await authority(oldRoot, new MemoryLedger()).crossSign(newRoot.certificate);
    const [crossed, old, own] = [certificate, oldRoot.certificate, newRoot.certificate].map((pem) =>
      readCertificate(pem),
    );
    expect(crossed?.publicKey.equals(own?.publicKey as never)).toBe(true);
    expect(crossed).toMatchObject({ subject: own?.subject, issuer: old?.subject, isCA: true, notAfter: old?.notAfter });
  });
});

describe('crossSign refuses', () => {
  const root = createCA({ commonName: 'Example CA', size: 'P-256', now: start });
  const ca = authority(root, new MemoryLedger());

  test('a leaf', async () => {
    const { certificate } = await ca.issue(createRequest('chat.example').request);
    expect(await rejectedCode(ca.crossSign(certificate))).toBe('not-a-ca');
  });

  test('a CA certificate that is not self-signed', async () => {
    const parent = createCA({ commonName: 'Parent', size: 'P-256', now: start, pathLength: 1 });
    const authorise = () => ({ profile: 'intermediate', names: { commonName: 'Below' } });
    const above = new CertificateAuthority({ ...parent, ledger: new MemoryLedger(), clock: () => start, authorise });
    const { certificate } = await above.issue(createCertRequest(createKeyPair('ec'), {}));
    expect(await rejectedCode(ca.crossSign(certificate))).toBe('bad-signature');
  });

  test('another CA when the path length allows none', async () => {
    const other = createCA({ commonName: 'Other CA', size: 'P-256', now: start });
    expect(await rejectedCode(ca.crossSign(other.certificate))).toBe('path-too-long');
  });

  test('a root that has expired', async () => {
    const old = createCA({
      commonName: 'Example CA',
      size: 'P-256',
      now: new Date(start.getTime() - 2 * yearMs),
      years: 1,
    });
    expect(await rejectedCode(ca.crossSign(old.certificate))).toBe('expired');
  });
});
