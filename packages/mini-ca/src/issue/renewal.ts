/** Renewing a certificate: when, and how its holder asks for it. */
import type { KeyObject } from 'node:crypto';
import { decodePem } from '../der/pem.ts';
import { CaError } from '../errors.ts';
import { isKeyPair, type KeyPair } from '../keys/key-pair.ts';
import { type Certificate, type ParsedCertificate, parseCertificate, readCertificate } from '../x509/certificate.ts';
import { createCertRequest, type ParsedRequest } from '../x509/request.ts';
import { signingWith, verifyBytes } from '../x509/signature-algorithm.ts';

const renewalShare = 2 / 3;
const jitterShare = 0.05;

/** When a certificate is to be renewed. */
export interface RenewalWindow {
  readonly opens: Date;
  readonly closes: Date;
  /** A moment within, drawn anew at each call: certificates that were issued together are not renewed together. */
  readonly at: Date;
}

/**
 * Two thirds into the lifetime, give or take 5 % of it: a third is left to try again.
 *
 * @param certificate PEM, DER, or what `readCertificate` returned
 * @param random a number from 0 up to 1; `Math.random` by default
 * @throws CaError `FormErrorCode`, `bad-name`, `unsupported-algorithm`
 */
export function renewalWindow(
  certificate: string | Uint8Array | Pick<Certificate, 'notBefore' | 'notAfter'>,
  random: () => number = Math.random,
): RenewalWindow {
  const given = typeof certificate === 'string' || certificate instanceof Uint8Array;
  const { notBefore, notAfter } = given ? readCertificate(certificate) : certificate;
  const start = notBefore.getTime();
  const after = (share: number) => new Date(Math.round(start + (notAfter.getTime() - start) * share));
  return {
    opens: after(renewalShare - jitterShare),
    closes: after(renewalShare + jitterShare),
    at: after(renewalShare + jitterShare * (2 * random() - 1)),
  };
}

/** What the holder of a certificate sends to have it renewed. */
export interface Renewal {
  /** The certificate that is to be renewed, PEM. */
  readonly certificate: string;
  /** A request for the same names, by the same key or a new one; PEM. */
  readonly request: string;
  /** The signature of the certificate's key over the request, base64. */
  readonly proof: string;
}

/** What the proof signs: nothing that this key signs for anything else begins like this. */
function statement(request: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from('mini-ca renewal 1\0'), request]);
}

/**
 * Asks for a certificate like this one.
 *
 * @param certificate PEM
 * @param privateKey the certificate's
 * @param keys a new key pair; the same key by default
 * @throws CaError `key-mismatch` when the key is not the certificate's, and as `createCertRequest`
 */
export function createRenewal(certificate: string, privateKey: KeyObject, keys?: KeyPair): Renewal {
  const { subject, names, publicKey } = readCertificate(certificate);
  if (!isKeyPair(privateKey, publicKey)) {
    throw new CaError('key-mismatch', 'the private key is not the one of the certificate that is to be renewed');
  }
  const request = createCertRequest(keys ?? { privateKey, publicKey }, { ...subject, ...names });
  const proof = signingWith(privateKey).sign(statement(decodePem('CERTIFICATE REQUEST', request)));
  return { certificate, request, proof: Buffer.from(proof).toString('base64') };
}

/**
 * The certificate that is to be renewed, once it is shown that its holder asks. Who issued it, and whether it was revoked,
 * is for the ledger to say.
 *
 * @throws CaError `bad-proof`, `expired`, `FormErrorCode`, `bad-name`, `unsupported-algorithm`
 */
export function requireRenewable(renewal: Renewal, request: ParsedRequest, now: Date): ParsedCertificate {
  const certificate = parseCertificate(renewal.certificate);
  const { publicKey, notAfter } = certificate.info;
  const proof = Buffer.from(renewal.proof, 'base64');
  if (!verifyBytes(statement(request.der), signingWith(publicKey).algorithm, proof, publicKey)) {
    throw new CaError('bad-proof', 'the renewal is not signed by the key of the certificate that it renews');
  }
  if (!(now <= notAfter)) throw new CaError('expired', 'the certificate has expired: enrol again');
  return certificate;
}
