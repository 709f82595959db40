/** Parses certificates (RFC 5280 section 4.1). Parsing decides nothing about trust: `verifyCertificate` does. */
import type { KeyObject } from 'node:crypto';
import { DerReader } from '../der/der-reader.ts';
import { constructedContextTag, contextTag, derTag } from '../der/der-writer.ts';
import { derFrom, encodePem } from '../der/pem.ts';
import { decodeTime } from '../der/time.ts';
import { CaError } from '../errors.ts';
import { sha256Hex } from '../keys/digest.ts';
import { publicKeyFromSpki } from '../keys/key-policy.ts';
import { readExtensionList } from './extension-list.ts';
import { type Purpose, purposeIds, type ReadExtensions, readExtensions, type Tolerance } from './extensions.ts';
import { type DistinguishedName, readName } from './names/distinguished-name.ts';
import type { Names } from './names/names.ts';
import { serialHex } from './serial-number.ts';
import type { SignedStructure } from './signature-algorithm.ts';
import { readSigned } from './signed-structure.ts';

/** PEM text, DER bytes, or a result of `readCertificate` or `verifyCertificate`, which is not parsed again. */
export type CertificateInput = string | Uint8Array | Certificate;

/** The content of a certificate. */
export interface Certificate {
  /** The serial number in lower-case hexadecimal, two digits for each byte, without a sign byte. */
  readonly serial: string;
  /** Common name and organization of the subject. */
  readonly subject: Names;
  /** Common name and organization of the issuer. */
  readonly issuer: Names;
  /** The subject alternative names. */
  readonly names: Names;
  /**
   * Names that the certificate has and that no check uses, as text: a second common name, an address or a pattern such as `f*.example`
   * in place of a host name, a name with control characters.
   */
  readonly unusableNames: readonly string[];
  /** The beginning of the validity. */
  readonly notBefore: Date;
  /** The last second of the validity. */
  readonly notAfter: Date;
  /** The public key of the subject. */
  readonly publicKey: KeyObject;
  /** True for a CA certificate (basic constraints). */
  readonly isCA: boolean;
  /** The purposes in the extended key usage that this library knows. */
  readonly purposes: Purpose[];
  /** SHA-256 of the DER in lower-case hexadecimal. */
  readonly fingerprint: string;
  /** The certificate as DER. */
  readonly der: Uint8Array;
  /** The certificate as PEM. */
  readonly pem: string;
}

/** A parsed certificate, with what issuing and path validation need. */
export interface ParsedCertificate extends SignedStructure {
  readonly info: Certificate;
  /** The issuer's distinguished name as DER. */
  readonly issuerName: Uint8Array;
  /** The subject's distinguished name as DER. */
  readonly subjectName: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** The SubjectPublicKeyInfo as DER. */
  readonly spki: Uint8Array;
  readonly extensions: ReadExtensions;
  /** What deviates from the form that RFC 5280 requires, although it can be read. */
  readonly deviations: readonly CaError[];
}

const version3 = 2;
const [versionTag, issuerUniqueIdTag, subjectUniqueIdTag, extensionsTag] = [
  constructedContextTag(0),
  contextTag(1),
  contextTag(2),
  constructedContextTag(3),
];
const structureName = 'certificate';

/** The known purposes, in the order in which `Certificate.purposes` lists them. */
const purposeNames = ['serverAuth', 'clientAuth'] as const satisfies readonly Purpose[];

function requireVersion3(fields: DerReader): void {
  const version = fields.tag === versionTag ? fields.fields(versionTag).take(derTag.integer).content : undefined;
  if (version?.length === 1 && version[0] === version3) return;
  throw new CaError('malformed', 'not an X.509 version 3 certificate');
}

function extensionsFrom(fields: DerReader, tolerance: Tolerance): ReadExtensions {
  // Fields of version 2, which may be present (RFC 5280 section 4.1.2.8) and have no use.
  fields.takeIf(issuerUniqueIdTag);
  fields.takeIf(subjectUniqueIdTag);
  if (fields.done) return readExtensions([], tolerance);
  const explicit = fields.fields(extensionsTag);
  const list = readExtensionList(explicit.fields(derTag.sequence), tolerance.onDeviation);
  const extensions = readExtensions(list, tolerance);
  explicit.end();
  fields.end();
  return extensions;
}

function parseSigned(signed: Uint8Array, algorithm: Uint8Array, tolerance: Tolerance) {
  const { onDeviation } = tolerance;
  const fields = DerReader.inside(signed, derTag.sequence, structureName);
  requireVersion3(fields);
  const serial = serialHex(fields.take(derTag.integer).content, onDeviation);
  if (Buffer.compare(fields.take(derTag.sequence).der, algorithm) !== 0) {
    throw new CaError('malformed', 'the signature algorithms inside and outside the signed part differ');
  }
  const issuerName = fields.take(derTag.sequence).der;
  const validity = fields.fields(derTag.sequence);
  const [notBefore, notAfter] = [decodeTime(validity.next(), onDeviation), decodeTime(validity.next(), onDeviation)];
  validity.end();
  const subjectName = fields.take(derTag.sequence).der;
  const spki = fields.take(derTag.sequence).der;
  const extensions = extensionsFrom(fields, tolerance);
  return { serial, issuerName, notBefore, notAfter, subjectName, spki, extensions };
}

/** The parsed form of each certificate that was returned to a caller, so that it is not parsed again when it is passed back. */
const parsed = new WeakMap<Certificate, ParsedCertificate>();

function parse(der: Uint8Array): ParsedCertificate {
  const { signed, algorithm, signature } = readSigned(der, structureName);

  const deviations: CaError[] = [];
  const unusable = new Set<string>();
  const tolerance: Tolerance = {
    onDeviation: (deviation) => deviations.push(deviation),
    onUnusableName: ({ message }) => unusable.add(message),
  };

  const fields = parseSigned(signed, algorithm, tolerance);
  const { serial, issuerName, notBefore, notAfter, subjectName, spki, extensions } = fields;
  const subject = readName(subjectName, tolerance.onUnusableName);
  const issuer = readName(issuerName, () => {});
  const purposes = extensions.purposes ?? [];
  const info: Certificate = {
    serial,
    subject: subject.names,
    issuer: issuer.names,
    names: extensions.alternativeNames ?? {},
    unusableNames: [...unusable],
    notBefore,
    notAfter,
    publicKey: publicKeyFromSpki(spki, tolerance.onDeviation),
    isCA: extensions.isCA ?? false,
    purposes: purposeNames.filter((purpose) => purposes.includes(purposeIds[purpose])),
    fingerprint: sha256Hex(der),
    der,
    pem: encodePem('CERTIFICATE', der),
  };
  const names = { issuerName, subjectName, issuer, subject };
  const read = { info, signed, algorithm, signature, ...names, spki, extensions, deviations };
  parsed.set(Object.freeze(info), read);
  return read;
}

/**
 * Parses a certificate, or returns what `readCertificate` has parsed.
 *
 * @throws CaError `FormErrorCode`, `unsupported-algorithm`
 * @throws CaError `bad-argument` for an object that this library has not returned
 */
export function parseCertificate(certificate: CertificateInput): ParsedCertificate {
  if (typeof certificate === 'string' || ArrayBuffer.isView(certificate)) {
    return parse(derFrom('CERTIFICATE', certificate));
  }
  const known = typeof certificate === 'object' && certificate !== null ? parsed.get(certificate) : undefined;
  if (known === undefined) throw new CaError('bad-argument', 'not PEM, DER, or a certificate from readCertificate');
  return known;
}

/**
 * Reads a certificate. It must be a version 3 certificate in canonical DER of at most 48 000 bytes. Deviations that public CAs have
 * made are read: a serial number 0, dates in old forms, a key usage without bits, names that are not valid. The signature is not
 * verified: `verifyCertificate` does that.
 *
 * @param certificate PEM text or DER bytes
 * @throws CaError `FormErrorCode`, `unsupported-algorithm`
 */
export function readCertificate(certificate: string | Uint8Array): Certificate {
  return parseCertificate(certificate).info;
}

/**
 * Returns the fingerprint of a certificate, which users compare and programs pin: SHA-256 of its DER in lower-case hexadecimal.
 *
 * @param certificate PEM text or DER bytes
 * @throws CaError `FormErrorCode`, `unsupported-algorithm`
 */
export function certificateFingerprint(certificate: string | Uint8Array): string {
  return parseCertificate(certificate).info.fingerprint;
}
