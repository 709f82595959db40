/**
 * Three short calls: a request for one name, and certificates with the names of their requests. The caller must have verified the
 * names in the request; `issueCertificate` takes the names from the caller instead.
 */
import type { KeyObject } from 'node:crypto';
import { requireDate, requireText } from '../arguments.ts';
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
 * Creates a P-256 key and a request for one name.
 *
 * @param origin a host name, an IP address, or the name of a user
 * @returns the request as PEM, and the key
 * @throws CaError `bad-name`
 */
export function createRequest(origin: string): {
  /** PEM. */
  request: string;
  /** The key that signed the request. */
  privateKey: KeyObject;
} {
  requireText('origin', origin);
  const keys = createKeyPair('ec');
  return { request: createCertRequest(keys, namesOf(origin)), privateKey: keys.privateKey };
}

interface SigningOptions {
  readonly serial: bigint | Uint8Array;
  readonly validity: Validity;
  /** Default: the digest that is as strong as the issuer's key. */
  readonly digest?: Digest;
}

/** Issues a certificate with the names of the request. Grants nothing else that the request asks for. */
function signRequestedNames(request: string, issuer: Issuer, { serial, validity, digest }: SigningOptions): string {
  const { info, spki } = parseRequest(request);
  requireKey(anyPurpose, info.publicKey);
  const names = requireNames(anyPurpose, info.names);
  requireDate('notBefore', validity.notBefore);
  requireDate('notAfter', validity.notAfter);
  requireWithin(issuer, validity);
  const template = new CertificateTemplate(issuer, anyPurpose, digest);
  return template.certificateFor({ keyType: info.keyType, spki, names }, validity, serial).certificate;
}

/**
 * Issues a certificate with the names of the request and the given dates, for TLS servers and clients, with any type of key. Other
 * requested extensions are ignored. The result is never a CA.
 *
 * @param request PEM
 * @param issuerCert PEM
 * @param serial positive, at most 20 bytes
 * @param issuerKey the private key of the issuer
 * @param notBefore not before the validity of the issuer
 * @param notAfter not after the validity of the issuer
 * @param digest ignored for Ed25519. Default: `sha256`
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
  return signRequestedNames(request, issuerFrom(issuerCert, issuerKey), {
    serial,
    validity: { notBefore, notAfter },
    digest,
  });
}

/** Does the same as `signCertificates`, at a given time. */
export function signCertificatesAt(request: string, caCert: string, caKey: KeyObject, now: Date): string {
  const issuer = issuerFrom(caCert, caKey);
  const validity = validityWithin(issuer, { now, lifetimeMs: dayMs });
  return signRequestedNames(request, issuer, { serial: randomSerial(), validity });
}

/**
 * Issues a certificate with the names of the request, for 24 hours from now, with a random serial number. The result is never a CA.
 *
 * @param request PEM
 * @param caCert PEM
 * @param caKey the private key of the CA
 * @returns PEM
 * @throws CaError as `issueCertificate`
 */
export function signCertificates(request: string, caCert: string, caKey: KeyObject): string {
  return signCertificatesAt(request, caCert, caKey, new Date());
}
