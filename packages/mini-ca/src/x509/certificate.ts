/** Reading certificates (RFC 5280 section 4.1). Reading decides nothing about trust: that is `verifyCertificate`. */
import type { KeyObject } from 'node:crypto';
import { DerReader } from '../der/der-reader.ts';
import { constructedContextTag, contextTag, derTag } from '../der/der-writer.ts';
import { derFrom, encodePem } from '../der/pem.ts';
import { decodeTime } from '../der/time.ts';
import { CaError } from '../errors.ts';
import { sha256Hex } from '../keys/digest.ts';
import { publicKeyFromSpki } from '../keys/key-policy.ts';
import { readExtensionList } from './extension-list.ts';
import { type Purpose, purposeIds, type ReadExtensions, readExtensions } from './extensions.ts';
import { type DistinguishedName, readName } from './names/distinguished-name.ts';
import type { Names } from './names/names.ts';
import { serialHex } from './serial-number.ts';
import { readSigned } from './signed-structure.ts';

/** PEM text, DER bytes, or what `readCertificate` or `verifyCertificate` returned, which spares reading it again. */
export type CertificateInput = string | Uint8Array | Certificate;

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
  /** The DER of the signed part. */
  readonly signed: Uint8Array;
  /** The AlgorithmIdentifier of the signature, DER. */
  readonly algorithm: Uint8Array;
  readonly signature: Uint8Array;
  /** Distinguished names, DER. */
  readonly issuerName: Uint8Array;
  readonly subjectName: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly extensions: ReadExtensions;
}

const version3 = 2;
const [versionTag, issuerUniqueIdTag, subjectUniqueIdTag, extensionsTag] = [
  constructedContextTag(0),
  contextTag(1),
  contextTag(2),
  constructedContextTag(3),
];
const structureName = 'certificate';

/** The purposes that this library knows, in a fixed order. */
const purposeNames = ['serverAuth', 'clientAuth'] as const satisfies readonly Purpose[];

function requireVersion3(fields: DerReader): void {
  const version = fields.tag === versionTag ? fields.fields(versionTag).take(derTag.integer).content : undefined;
  if (version?.length === 1 && version[0] === version3) return;
  throw new CaError('malformed', 'not an X.509 version 3 certificate');
}

function extensionsFrom(fields: DerReader): ReadExtensions {
  // Of version 2; nobody has a use for them, but they may be there (RFC 5280 section 4.1.2.8).
  fields.takeIf(issuerUniqueIdTag);
  fields.takeIf(subjectUniqueIdTag);
  if (fields.done) return readExtensions([]);
  const explicit = fields.fields(extensionsTag);
  const extensions = readExtensions(readExtensionList(explicit.fields(derTag.sequence)));
  explicit.end();
  fields.end();
  return extensions;
}

function parseSigned(signed: Uint8Array, algorithm: Uint8Array) {
  const fields = DerReader.inside(signed, derTag.sequence, structureName);
  requireVersion3(fields);
  const serial = serialHex(fields.take(derTag.integer).content);
  if (Buffer.compare(fields.take(derTag.sequence).der, algorithm) !== 0) {
    throw new CaError('malformed', 'the signature algorithm differs inside and outside of the signed part');
  }
  const issuerName = fields.take(derTag.sequence).der;
  const validity = fields.fields(derTag.sequence);
  const [notBefore, notAfter] = [decodeTime(validity.next()), decodeTime(validity.next())];
  validity.end();
  const subjectName = fields.take(derTag.sequence).der;
  const spki = fields.take(derTag.sequence).der;
  const extensions = extensionsFrom(fields);
  return { serial, issuerName, notBefore, notAfter, subjectName, spki, extensions };
}

/** What was parsed already: a certificate that was handed out is not read again when it comes back. */
const parsed = new WeakMap<Certificate, ParsedCertificate>();

function parse(der: Uint8Array): ParsedCertificate {
  const { signed, algorithm, signature } = readSigned(der, structureName);

  const { serial, issuerName, notBefore, notAfter, subjectName, spki, extensions } = parseSigned(signed, algorithm);
  const [issuer, subject] = [readName(issuerName), readName(subjectName)];
  const purposes = extensions.purposes ?? [];
  const info: Certificate = {
    serial,
    subject: subject.names,
    issuer: issuer.names,
    names: extensions.alternativeNames ?? {},
    notBefore,
    notAfter,
    publicKey: publicKeyFromSpki(spki),
    isCA: extensions.isCA ?? false,
    purposes: purposeNames.filter((purpose) => purposes.includes(purposeIds[purpose])),
    fingerprint: sha256Hex(der),
    der,
    pem: encodePem('CERTIFICATE', der),
  };
  const read = { info, signed, algorithm, signature, issuerName, subjectName, issuer, subject, spki, extensions };
  parsed.set(Object.freeze(info), read);
  return read;
}

/**
 * @param certificate PEM text, DER bytes, or what `readCertificate` returned
 * @throws CaError `FormErrorCode`, `bad-name`, `unsupported-algorithm`; `bad-argument` for an object from elsewhere
 */
export function parseCertificate(certificate: CertificateInput): ParsedCertificate {
  if (typeof certificate === 'string' || certificate instanceof Uint8Array) {
    return parse(derFrom('CERTIFICATE', certificate));
  }
  const known = parsed.get(certificate);
  if (known === undefined) throw new CaError('bad-argument', 'not PEM, DER, or a certificate from readCertificate');
  return known;
}

/**
 * What a certificate says. Strict in form (one canonical DER encoding, version 3, up to 48 000 bytes); it says nothing
 * about who signed it.
 *
 * @param certificate PEM text or DER bytes
 * @throws CaError `FormErrorCode`, `bad-name`, `unsupported-algorithm`
 */
export function readCertificate(certificate: string | Uint8Array): Certificate {
  return parseCertificate(certificate).info;
}

/**
 * The SHA-256 of a certificate's DER, in lower-case hexadecimal: what people compare and programs pin.
 *
 * @param certificate PEM text or DER bytes
 * @throws CaError `FormErrorCode`, `bad-name`, `unsupported-algorithm`
 */
export function certificateFingerprint(certificate: string | Uint8Array): string {
  return parseCertificate(certificate).info.fingerprint;
}
