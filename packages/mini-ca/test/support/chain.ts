/** One valid chain, and ways to make it wrong. */
import type { KeyObject } from 'node:crypto';
import { type Extension, Extensions, type TBSCertificate } from '@peculiar/asn1-x509';
import { createCA, createRequest, issueCertificate, type VerifyOptions, verifyCertificate } from '../../src/index.ts';
import { parseCertificate } from '../../src/x509/certificate.ts';
import { forgeCertificate, outcomeOf } from './forge.ts';

export const hourMs = 3_600_000;
export const now = new Date('2030-06-01T12:00:00Z');
export const ca = createCA({ commonName: 'Test CA', size: 'P-256', now });
export const { request } = createRequest('chat.example');
const names = { dns: ['chat.example'] };
export const leaf = issueCertificate({ request, ca, profile: 'server', names, lifetimeMs: hourMs, now, serial: 7n });

export function verify(certificate: string | Uint8Array, options: Partial<VerifyOptions> = {}): string {
  return outcomeOf(() =>
    verifyCertificate(certificate, { anchors: [ca.certificate], at: now, purpose: 'serverAuth', ...options }),
  );
}

export function subjectKeyIdOf(certificate: string): Uint8Array {
  return parseCertificate(certificate).extensions.subjectKeyId ?? new Uint8Array();
}

/** Replaces the extensions of one type, or takes them out. */
export function swap(id: string, ...replacement: Extension[]): (tbs: TBSCertificate) => void {
  return (tbs) => {
    const others = tbs.extensions?.filter(({ extnID }) => extnID !== id) ?? [];
    tbs.extensions = new Extensions([...others, ...replacement]);
  };
}

export function forgedLeaf(change: (tbs: TBSCertificate) => void, key: KeyObject = ca.privateKey): string {
  return forgeCertificate(leaf, key, change);
}

export function forgedAnchor(change: (tbs: TBSCertificate) => void): Partial<VerifyOptions> {
  return { anchors: [forgeCertificate(ca.certificate, ca.privateKey, change)] };
}
