/** What the server reads in client certificates, and what it remembers of them. */
import { X509Certificate } from 'node:crypto';
import { createCertRequest, createKeyPair, issueCertificate, type Names, readCertificate } from '@chat/mini-ca';
import { expect, test } from 'vitest';
import { ClientCertificates, certificateNamesOf } from '../../src/identity/certificate-names.ts';
import { authority } from '../support/test-server.ts';

const keys = createKeyPair('ec', 'P-256');
const alice = { user: 'alice', fingerprint: 'a'.repeat(64) };
const bob = { user: 'bob', fingerprint: 'b'.repeat(64) };

const issue = (names: Names): X509Certificate =>
  new X509Certificate(
    issueCertificate({
      ...{ request: createCertRequest(keys, {}), ca: authority, profile: 'client', lifetimeMs: 60 * 60_000 },
      ...{ names, now: new Date() },
    }),
  );

test('a certificate is read once, and never taken for another one of the same user', () => {
  const certificates = new ClientCertificates();
  const [first, second] = [issue(certificateNamesOf(alice)), issue(certificateNamesOf(alice))];
  const read = certificates.read(first);
  expect(certificates.read(new X509Certificate(first.raw))).toBe(read);
  expect(certificates.read(second).serial).not.toBe(read.serial);
  expect(certificates.read(issue(certificateNamesOf(bob))).names).toEqual(bob);
});

test('serial number and end are those that the CA has, whatever zeros the serial number has', () => {
  for (let count = 0; count < 64; count++) {
    const shown = issue(certificateNamesOf(alice));
    const { serial, notAfter } = readCertificate(shown.raw);
    const expected = { serial, expiresAt: notAfter.getTime(), names: alice };
    expect(new ClientCertificates().read(shown)).toEqual(expected);
  }
});

test('a certificate with other names names no user', () => {
  const { uri = [] } = certificateNamesOf(alice);
  const others: Names[] = [
    { commonName: 'bob', uri },
    { commonName: 'alice', uri: [...uri, ...uri] },
    { commonName: 'alice', uri: uri.slice(0, 1) },
    { commonName: 'alice', uri: [...uri].reverse() },
    { commonName: 'alice', uri: [`${uri[0]}, URI:${uri[1]}`] },
    { commonName: 'alice', uri: [`${uri[0]}, URI:${uri[1]}`, 'urn:chat:identity:x'] },
    { uri },
  ];
  for (const names of others) {
    let shown: X509Certificate;
    try {
      shown = issue(names);
    } catch {
      // The CA does not sign such a name at all.
      continue;
    }
    const { serial } = readCertificate(shown.raw);
    expect(new ClientCertificates().read(shown)).toMatchObject({ serial, names: null });
  }
});
