/** Renewal of certificates: its time, and the request for it. */
import type { KeyObject } from 'node:crypto';
import { requireFunction, requireOptions, requireText, requireValidDate } from '../arguments.ts';
import { decodePem } from '../der/pem.ts';
import { CaError } from '../errors.ts';
import { isKeyPair, type KeyPair } from '../keys/key-pair.ts';
import { requireKeyObject } from '../keys/key-policy.ts';
import { type Certificate, type ParsedCertificate, parseCertificate, readCertificate } from '../x509/certificate.ts';
import { createCertRequest, type ParsedRequest } from '../x509/request.ts';
import { isSignedBy, signingWith } from '../x509/signature-algorithm.ts';

const renewalShare = 2 / 3;
const jitterShare = 0.05;

/** The period in which a certificate should be renewed. */
export interface RenewalWindow {
  /** The beginning of the period. */
  readonly opens: Date;
  /** The end of the period. */
  readonly closes: Date;
  /** A random time in the period, so that certificates that were issued together are not renewed together. */
  readonly at: Date;
}

function requireObject(certificate: object): void {
  if (typeof certificate === 'object' && certificate !== null) return;
  throw new CaError('bad-argument', 'expected PEM, DER, or an object with notBefore and notAfter');
}

/**
 * Returns the period in which a certificate should be renewed: two thirds into its lifetime, plus or minus 5 % of it, so that time
 * for further attempts remains.
 *
 * @param certificate PEM, DER, or a result of `readCertificate`
 * @param random returns a number from 0 (inclusive) to 1 (exclusive). Default: `Math.random`
 * @throws CaError `FormErrorCode`, `bad-name`, `unsupported-algorithm`
 */
export function renewalWindow(
  certificate: string | Uint8Array | Pick<Certificate, 'notBefore' | 'notAfter'>,
  random: () => number = Math.random,
): RenewalWindow {
  const given = typeof certificate === 'string' || ArrayBuffer.isView(certificate);
  if (!given) requireObject(certificate);
  requireFunction('random', random);
  const { notBefore, notAfter } = given ? readCertificate(certificate) : certificate;
  requireValidDate('notBefore', notBefore);
  requireValidDate('notAfter', notAfter);
  const start = notBefore.getTime();
  const after = (share: number) => new Date(Math.round(start + (notAfter.getTime() - start) * share));
  return {
    opens: after(renewalShare - jitterShare),
    closes: after(renewalShare + jitterShare),
    at: after(renewalShare + jitterShare * (2 * random() - 1)),
  };
}

/** A request to renew a certificate, from its holder. It is plain text that can be sent as JSON. */
export interface Renewal {
  /** PEM of the certificate to be renewed. */
  readonly certificate: string;
  /** PEM of a request for the same names, by the same key or a new one. */
  readonly request: string;
  /** The signature over the request by the key of the certificate, in base64. */
  readonly proof: string;
}

/**
 * Requires an object with the properties of a renewal.
 *
 * @throws CaError `bad-argument`
 */
export function requireRenewal(renewal: Renewal): void {
  requireOptions('a renewal', renewal, { certificate: true, request: true, proof: true });
}

/** Returns the bytes that the proof signs. The prefix keeps the signature from being valid for any other use of the key. */
function statement(request: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from('mini-ca renewal 1\0'), request]);
}

/**
 * Creates a request to renew a certificate, for `CertificateAuthority.renew`.
 *
 * @param certificate PEM
 * @param privateKey the private key of the certificate
 * @param keys the key pair of the new certificate. Default: the same key
 * @throws CaError `key-mismatch` when the key does not belong to the certificate, and as `createCertRequest`
 */
export function createRenewal(certificate: string, privateKey: KeyObject, keys?: KeyPair): Renewal {
  const { subject, names, publicKey } = readCertificate(certificate);
  requireKeyObject('privateKey', privateKey);
  if (!isKeyPair(privateKey, publicKey)) {
    throw new CaError('key-mismatch', 'the private key does not belong to the certificate to be renewed');
  }
  const request = createCertRequest(keys ?? { privateKey, publicKey }, { ...subject, ...names });
  const proof = signingWith(privateKey).sign(statement(decodePem('CERTIFICATE REQUEST', request)));
  return { certificate, request, proof: Buffer.from(proof).toString('base64') };
}

/**
 * Requires a renewal that is signed by the key of a certificate that has not expired. The caller checks in the ledger who issued
 * the certificate and whether it is revoked.
 *
 * @returns the certificate to be renewed
 * @throws CaError `bad-proof`, `expired`, `FormErrorCode`, `bad-name`, `unsupported-algorithm`
 */
export function requireRenewable(renewal: Renewal, request: ParsedRequest, now: Date): ParsedCertificate {
  requireText('proof', renewal.proof);
  const certificate = parseCertificate(renewal.certificate);
  const { publicKey, notAfter } = certificate.info;
  const signature = Buffer.from(renewal.proof, 'base64');
  const { algorithm } = signingWith(publicKey);
  if (!isSignedBy({ signed: statement(request.der), algorithm, signature }, publicKey)) {
    throw new CaError('bad-proof', 'the renewal is not signed by the key of the certificate to be renewed');
  }
  if (!(now <= notAfter)) throw new CaError('expired', 'the certificate has expired: enrol again');
  return certificate;
}
