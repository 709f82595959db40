/** Encodes and signs certificates (RFC 5280 section 4.1). No other file does. */
import { constructedContextTag, derValue, sequence } from '../der/der-writer.ts';
import { encodePem, maxDerBytes } from '../der/pem.ts';
import { encodeTime } from '../der/time.ts';
import { CaError } from '../errors.ts';
import { sha256Hex } from '../keys/digest.ts';
import { encodeSerial, serialHex } from './serial-number.ts';
import type { Signing } from './signature-algorithm.ts';
import { encodeSigned } from './signed-structure.ts';

/** The content of a certificate. Most parts are DER already, because they do not change from one certificate to the next. */
export interface CertificateContent {
  readonly serial: bigint | Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly spki: Uint8Array;
  readonly extensions: Uint8Array;
}

/** A certificate that a CA has issued. */
export interface IssuedCertificate {
  /** PEM. */
  readonly certificate: string;
  /** The certificate as DER. */
  readonly der: Uint8Array;
  /** The serial number in lower-case hexadecimal, two digits for each byte. */
  readonly serial: string;
  /** SHA-256 of the DER in lower-case hexadecimal. */
  readonly fingerprint: string;
  /** The beginning of the validity. */
  readonly notBefore: Date;
  /** The last second of the validity. */
  readonly notAfter: Date;
}

const version3 = derValue(constructedContextTag(0), Uint8Array.of(0x02, 1, 2));
const earliestMs = Date.UTC(1950, 0, 1);
const latestMs = Date.UTC(9999, 11, 31, 23, 59, 59);

function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

/**
 * Requires dates that X.509 can encode, in order.
 *
 * @throws CaError `bad-argument`
 */
function requireDates({ notBefore, notAfter }: CertificateContent): void {
  // Every comparison with an invalid date is false, so such a date is refused too.
  if (notBefore.getTime() >= earliestMs && notBefore <= notAfter && notAfter.getTime() <= latestMs) return;
  throw new CaError('bad-argument', 'notBefore and notAfter must be dates from 1950 to 9999, in this order');
}

/**
 * Encodes and signs a certificate.
 *
 * @throws CaError `bad-argument` for the serial number or the dates, `bad-name` when the names are too long in total
 */
export function signedCertificate(content: CertificateContent, signing: Signing): IssuedCertificate {
  requireDates(content);
  const serial = encodeSerial(content.serial);
  const tbs = sequence(
    version3,
    serial,
    signing.algorithm,
    content.issuer,
    sequence(encodeTime(content.notBefore), encodeTime(content.notAfter)),
    content.subject,
    content.spki,
    derValue(constructedContextTag(3), content.extensions),
  );
  const der = encodeSigned(tbs, signing);
  if (der.length > maxDerBytes) throw new CaError('bad-name', 'the names are too long in total');
  return {
    certificate: encodePem('CERTIFICATE', der),
    der,
    serial: serialHex(serial.subarray(2)),
    fingerprint: sha256Hex(der),
    notBefore: wholeSeconds(content.notBefore),
    notAfter: wholeSeconds(content.notAfter),
  };
}
