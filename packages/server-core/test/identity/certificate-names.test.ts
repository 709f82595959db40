/** What the server reads in client certificates, and what it remembers of them. */
import { X509Certificate } from 'node:crypto';
import { readCertificate } from '@chat/mini-ca';
import { expect, test } from 'vitest';
import { ClientCertificates } from '../../src/identity/certificate-names.ts';
import { certificateFor } from '../support/test-server.ts';

const derOf = (pem: string): Uint8Array => new X509Certificate(pem).raw;

test('a certificate is read once, and never taken for another one of the same user', () => {
  const certificates = new ClientCertificates();
  const named = { user: 'alice', fingerprint: 'a'.repeat(64) };
  const [first, second] = [certificateFor(named).certificate, certificateFor(named).certificate];
  const read = certificates.read(derOf(first));
  expect(read).toMatchObject({ serial: readCertificate(first).serial, names: named });
  expect(certificates.read(derOf(first))).toBe(read);
  expect(certificates.read(derOf(second)).serial).toBe(readCertificate(second).serial);
  const other = certificateFor({ ...named, fingerprint: 'b'.repeat(64) }).certificate;
  expect(certificates.read(derOf(other)).names).toEqual({ user: 'alice', fingerprint: 'b'.repeat(64) });
});
