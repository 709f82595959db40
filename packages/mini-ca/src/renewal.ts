/** When to renew a certificate. */
import { type Certificate, readCertificate } from './certificate.ts';

const SHARE = 2 / 3;
const JITTER = 0.05;

/**
 * Two thirds into the lifetime, give or take 5 % of it, so that certificates issued together are not renewed together.
 *
 * @param certificate PEM, DER, or what `readCertificate` returned
 * @param random a number from 0 up to 1, as `Math.random` gives it
 * @throws CaError `malformed`, `bad-name`, `unsupported-algorithm`
 */
export function renewalTime(
  certificate: string | Uint8Array | Pick<Certificate, 'notBefore' | 'notAfter'>,
  random: () => number,
): Date {
  const given = typeof certificate === 'string' || certificate instanceof Uint8Array;
  const { notBefore, notAfter } = given ? readCertificate(certificate) : certificate;
  const start = notBefore.getTime();
  const share = SHARE + JITTER * (2 * random() - 1);
  return new Date(Math.round(start + (notAfter.getTime() - start) * share));
}
