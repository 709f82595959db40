/** Putting a certificate together and signing it (RFC 5280 section 4.1): the one place where certificates are made. */
import type { KeyObject } from 'node:crypto';
import { Certificate, type Name, SubjectPublicKeyInfo, TBSCertificate, Validity, Version } from '@peculiar/asn1-x509';
import { CaError } from './errors.ts';
import { type ExtensionValues, writeExtensions } from './extensions.ts';
import { spkiOf } from './key-policy.ts';
import { encodePem, MAX_DER_BYTES } from './pem.ts';
import { encodeSerial } from './serial-number.ts';
import { type Digest, signatureAlgorithmFor, signBytes } from './signature-algorithm.ts';
import { arrayBufferOf, decode, encode } from './structure.ts';

export interface CertificateContent {
  readonly serial: bigint | Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  readonly extensions: ExtensionValues;
}

const EARLIEST = Date.UTC(1950, 0, 1);
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59);

/** @throws CaError `bad-argument` */
function validityOf({ notBefore, notAfter }: CertificateContent): Validity {
  // Written so that an invalid date, which compares false with everything, is refused.
  if (notBefore.getTime() >= EARLIEST && notBefore <= notAfter && notAfter.getTime() <= LATEST) {
    return new Validity({ notBefore, notAfter });
  }
  throw new CaError('bad-argument', 'notBefore and notAfter are dates in that order, from 1950 to 9999');
}

/**
 * @returns PEM
 * @throws CaError `bad-argument` for the serial number or the dates, `bad-name` when the names are too many
 */
export function signedCertificate(content: CertificateContent, issuerKey: KeyObject, digest: Digest): string {
  const algorithm = signatureAlgorithmFor(issuerKey, digest);
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: encodeSerial(content.serial),
    signature: algorithm,
    issuer: content.issuer,
    validity: validityOf(content),
    subject: content.subject,
    subjectPublicKeyInfo: decode(spkiOf(content.publicKey), SubjectPublicKeyInfo),
    extensions: writeExtensions(content.extensions, content.subject.length === 0),
  });
  const certificate = encode(
    new Certificate({
      tbsCertificate: tbs,
      signatureAlgorithm: algorithm,
      signatureValue: arrayBufferOf(signBytes(encode(tbs), issuerKey, digest)),
    }),
  );
  if (certificate.length > MAX_DER_BYTES) throw new CaError('bad-name', 'the names are too long together');
  return encodePem('CERTIFICATE', certificate);
}
