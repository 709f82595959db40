/** Reading certificates (RFC 5280 section 4.1). Reading decides nothing about trust: that is `verifyCertificate`. */
import { createHash, type KeyObject } from 'node:crypto';
import { Certificate as CertificateStructure, Time, type Time as TimeStructure } from '@peculiar/asn1-x509';
import { elementAt } from './canonical-der.ts';
import { decodeName } from './distinguished-name.ts';
import { CaError } from './errors.ts';
import { type Purpose, purposeIds, type ReadExtensions, readExtensions } from './extensions.ts';
import { publicKeyFromSpki } from './key-policy.ts';
import type { Names } from './names.ts';
import { derFrom, encodePem } from './pem.ts';
import { serialHex } from './serial-number.ts';
import { decode } from './structure.ts';

/** A certificate as its holder's peers see it. */
export interface Certificate {
  /** Lower-case hexadecimal, whole bytes, no sign byte. */
  readonly serial: string;
  /** Common name and organisation of the holder. */
  readonly subject: Names;
  /** Common name and organisation of the issuer. */
  readonly issuer: Names;
  /** The subject alternative names. */
  readonly names: Names;
  readonly notBefore: Date;
  /** The last second in which it is valid. */
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  readonly isCA: boolean;
  readonly purposes: Purpose[];
  /** Lower-case hexadecimal SHA-256 of the DER. */
  readonly fingerprint: string;
  readonly der: Uint8Array;
  readonly pem: string;
}

/** A certificate with what issuing and path validation need besides. Its bytes passed every check of form. */
export interface ParsedCertificate {
  readonly info: Certificate;
  readonly structure: CertificateStructure;
  /** The DER of the signed part. */
  readonly signed: Uint8Array;
  readonly issuerName: Uint8Array;
  readonly subjectName: Uint8Array;
  readonly extensions: ReadExtensions;
}

const VERSION_3 = 2;

/** Places in the signed part of a version 3 certificate. */
const [ISSUER, SUBJECT, SPKI] = [3, 5, 6];

function dateOf(time: TimeStructure): Date {
  const date = time.getTime();
  // UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5).
  if ((new Time(date).utcTime === undefined) !== (time.utcTime === undefined)) {
    throw new CaError('malformed', 'a date in the wrong one of the two forms');
  }
  return date;
}

/** @throws CaError `malformed`, `bad-name`, `unsupported-algorithm` */
export function parseCertificate(input: string | Uint8Array): ParsedCertificate {
  const der = derFrom('CERTIFICATE', input);
  const structure = decode(der, CertificateStructure);
  const tbs = structure.tbsCertificate;
  if (tbs.version !== VERSION_3) throw new CaError('malformed', 'not an X.509 version 3 certificate');
  if (!tbs.signature.isEqual(structure.signatureAlgorithm)) {
    throw new CaError('malformed', 'the signature algorithm differs inside and outside of the signed part');
  }

  const signed = elementAt(der, 0);
  const extensions = readExtensions(tbs.extensions ?? []);
  const purposes = extensions.purposes ?? [];
  const info: Certificate = {
    serial: serialHex(new Uint8Array(tbs.serialNumber)),
    subject: decodeName(tbs.subject),
    issuer: decodeName(tbs.issuer),
    names: extensions.alternativeNames ?? {},
    notBefore: dateOf(tbs.validity.notBefore),
    notAfter: dateOf(tbs.validity.notAfter),
    publicKey: publicKeyFromSpki(elementAt(signed, SPKI)),
    isCA: extensions.isCA ?? false,
    purposes: (['serverAuth', 'clientAuth'] as const).filter((purpose) => purposes.includes(purposeIds[purpose])),
    fingerprint: createHash('sha256').update(der).digest('hex'),
    der,
    pem: encodePem('CERTIFICATE', der),
  };
  return {
    info,
    structure,
    signed,
    issuerName: elementAt(signed, ISSUER),
    subjectName: elementAt(signed, SUBJECT),
    extensions,
  };
}

/**
 * What a certificate says. Strict in form (one canonical DER encoding, version 3, up to 48 000 bytes); it says nothing
 * about who signed it.
 *
 * @param certificate PEM text or DER bytes
 * @throws CaError `malformed`, `bad-name`, `unsupported-algorithm`
 */
export function readCertificate(certificate: string | Uint8Array): Certificate {
  return parseCertificate(certificate).info;
}

/**
 * The SHA-256 of a certificate's DER, in lower-case hexadecimal: what people compare and programs pin.
 *
 * @param certificate PEM text or DER bytes
 * @throws CaError `malformed`, `bad-name`, `unsupported-algorithm`
 */
export function certificateFingerprint(certificate: string | Uint8Array): string {
  return parseCertificate(certificate).info.fingerprint;
}
