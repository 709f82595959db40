/** Putting a certificate together and signing it (RFC 5280 section 4.1): the one place where certificates are made. */
import { constructedContextTag, derValue, sequence } from '../der/der-writer.ts';
import { encodePem, maxDerBytes } from '../der/pem.ts';
import { encodeTime } from '../der/time.ts';
import { CaError } from '../errors.ts';
import { sha256Hex } from '../keys/digest.ts';
import { encodeSerial, serialHex } from './serial-number.ts';
import type { Signing } from './signature-algorithm.ts';
import { encodeSigned } from './signed-structure.ts';

/** All but the serial number and the dates is DER already: most of it is the same from one certificate to the next. */
export interface CertificateContent {
  readonly serial: bigint | Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly spki: Uint8Array;
  readonly extensions: Uint8Array;
}

/** A certificate as it leaves the CA. */
export interface IssuedCertificate {
  /** PEM. */
  readonly certificate: string;
  /** The same, as bytes. */
  readonly der: Uint8Array;
  /** Lower-case hexadecimal, whole bytes. */
  readonly serial: string;
  /** Lower-case hexadecimal SHA-256 of the DER. */
  readonly fingerprint: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const version3 = derValue(constructedContextTag(0), Uint8Array.of(0x02, 1, 2));
const earliestMs = Date.UTC(1950, 0, 1);
const latestMs = Date.UTC(9999, 11, 31, 23, 59, 59);

function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

/** @throws CaError `bad-argument` */
function requireDates({ notBefore, notAfter }: CertificateContent): void {
  // Written so that an invalid date, which compares false with everything, is refused.
  if (notBefore.getTime() >= earliestMs && notBefore <= notAfter && notAfter.getTime() <= latestMs) return;
  throw new CaError('bad-argument', 'notBefore and notAfter are dates in that order, from 1950 to 9999');
}

/** @throws CaError `bad-argument` for the serial number or the dates, `bad-name` when the names are too many */
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
  if (der.length > maxDerBytes) throw new CaError('bad-name', 'the names are too long together');
  return {
    certificate: encodePem('CERTIFICATE', der),
    der,
    serial: serialHex(serial.subarray(2)),
    fingerprint: sha256Hex(der),
    notBefore: wholeSeconds(content.notBefore),
    notAfter: wholeSeconds(content.notAfter),
  };
}
