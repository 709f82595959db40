/**
 * The three short calls: a request for one name, and certificates that carry the names which the request asks for.
 * Who calls these has looked at the names; where nobody has, `issueCertificate` takes them from the caller.
 */
import type { KeyObject } from 'node:crypto';
import { createKeyPair } from '../keys/key-pair.ts';
import { isIpAddress } from '../x509/names/ip-address.ts';
import { isHostName, type Names } from '../x509/names/names.ts';
import { createCertRequest, parseRequest } from '../x509/request.ts';
import { randomSerial } from '../x509/serial-number.ts';
import type { Digest } from '../x509/signature-algorithm.ts';
import { CertificateTemplate } from './certificate-template.ts';
import { type Issuer, issuerFrom } from './issuer.ts';
import { anyPurpose } from './profile.ts';
import { requireKey, requireNames } from './profile-rules.ts';
import { requireWithin, type Validity, validityWithin } from './validity.ts';

const dayMs = 24 * 60 * 60_000;

function namesOf(origin: string): Names {
  const commonName = origin.length <= 64 ? { commonName: origin } : {};
  if (isIpAddress(origin)) return { ...commonName, ip: [origin] };
  return isHostName(origin) ? { ...commonName, dns: [origin] } : { commonName: origin };
}

/**
 * A new P-256 key and a request for it in one name.
 *
 * @param origin a host name, an IP address, or the name of a user
 * @returns the request as PEM, and the key
 * @throws CaError `bad-name`
 */
export function createRequest(origin: string): { request: string; privateKey: KeyObject } {
  const keys = createKeyPair('ec');
  return { request: createCertRequest(keys, namesOf(origin)), privateKey: keys.privateKey };
}

/** Signs the names of the request; nothing else that it asks for is granted. */
function signRequestedNames(
  request: string,
  issuer: Issuer,
  serial: bigint | Uint8Array,
  validity: Validity,
  digest?: Digest,
): string {
  const { info, spki } = parseRequest(request);
  requireKey(anyPurpose, info.publicKey);
  const names = requireNames(anyPurpose, info.names);
  requireWithin(issuer, validity);
  const template = new CertificateTemplate(issuer, anyPurpose, digest);
  return template.certificateFor({ keyType: info.keyType, spki, names }, validity, serial).certificate;
}

/**
 * Signs a request as it stands: its names, the given dates, any type of key, for servers and clients alike. Extensions
 * other than names that the request asks for are left out; the result is never a CA.
 *
 * @param request PEM
 * @param issuerCert PEM
 * @param serial positive, at most 20 bytes
 * @param notBefore not before the issuer's own
 * @param notAfter not after the issuer's own
 * @returns PEM
 * @throws CaError as `issueCertificate`
 */
export function createCertificate(
  request: string,
  issuerCert: string,
  issuerKey: KeyObject,
  serial: bigint | Uint8Array,
  notBefore: Date,
  notAfter: Date,
  digest: Digest = 'sha256',
): string {
  return signRequestedNames(request, issuerFrom(issuerCert, issuerKey), serial, { notBefore, notAfter }, digest);
}

/** `signCertificates` at a given time. */
export function signCertificatesAt(request: string, caCert: string, caKey: KeyObject, now: Date): string {
  const issuer = issuerFrom(caCert, caKey);
  const validity = validityWithin(issuer, now, dayMs);
  return signRequestedNames(request, issuer, randomSerial(), validity);
}

/**
 * Signs a request as it stands, for 24 hours from now, with a random serial number. The result is never a CA.
 *
 * @param request PEM
 * @param caCert PEM
 * @returns PEM
 * @throws CaError as `issueCertificate`
 */
export function signCertificates(request: string, caCert: string, caKey: KeyObject): string {
  return signCertificatesAt(request, caCert, caKey, new Date());
}
