/**
 * Encodes and parses certificate revocation lists (RFC 5280 section 5): version 2, complete, signed by the issuer of the
 * certificates. A list may have 100 000 entries. `verify/revocation.ts` decides whether a list is valid and what it means for a
 * certificate.
 */
import { type Element, requireCanonicalDer } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import { constructedContextTag, contextTag, derTag, derValue, integer, sequence } from '../der/der-writer.ts';
import { derFrom, encodePem } from '../der/pem.ts';
import { decodeGeneralizedTime, decodeTime, encodeGeneralizedTime, encodeTime } from '../der/time.ts';
import { CaError } from '../errors.ts';
import { encodeExtension, type RawExtension, readExtensionList } from './extension-list.ts';
import { readAuthorityKeyIdentifier } from './extensions.ts';
import { type DistinguishedName, readName } from './names/distinguished-name.ts';
import { type RevocationReason, reasonFromNumber, reasonNumber } from './revocation-reason.ts';
import { serialHex } from './serial-number.ts';
import type { SignedStructure, Signing } from './signature-algorithm.ts';
import { encodeSigned, readSigned } from './signed-structure.ts';

/** An entry of a revocation list. */
export interface RevokedCertificate {
  /** The serial number in lower-case hexadecimal, as in `Certificate`. */
  readonly serial: string;
  /** When the certificate was revoked. */
  readonly revokedAt: Date;
  /** Absent when the issuer gives none. */
  readonly reason?: RevocationReason;
  /** When the key was presumably compromised, if the issuer says so. It is before `revokedAt`. */
  readonly invalidityDate?: Date;
}

/** The content of a list. */
export interface CertificateListContent {
  /** The issuer's distinguished name as DER: the subject of the issuing certificate. */
  readonly issuer: Uint8Array;
  readonly thisUpdate: Date;
  /** When the next list is issued at the latest. The list must not be used after this time. */
  readonly nextUpdate: Date;
  /** Increases with each list of an issuer; at most 20 bytes (section 5.2.3). Lists from other software may lack it. */
  readonly number?: bigint;
  /** The subject key identifier of the issuing certificate. */
  readonly authorityKeyId?: Uint8Array;
  /** The entries by serial number. */
  readonly revoked: ReadonlyMap<string, RevokedCertificate>;
}

/** A parsed list, with what verification needs. */
export interface ParsedCertificateList extends CertificateListContent, SignedStructure {
  readonly issuerName: DistinguishedName;
  /** Object identifiers of critical extensions, of the list or of an entry, that are unknown and forbid its use. */
  readonly notUnderstood: readonly string[];
  readonly der: Uint8Array;
}

const structureName = 'certificate revocation list';
const version2 = 1n;
const maxNumberBytes = 20;
const oids = {
  number: '2.5.29.20',
  reason: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  authorityKeyId: '2.5.29.35',
} as const;

function plain(oid: string, value: Uint8Array): RawExtension {
  return { oid, critical: false, value };
}

function encodeExtensions(extensions: readonly RawExtension[]): Uint8Array[] {
  return extensions.length === 0 ? [] : [sequence(...extensions.map(encodeExtension))];
}

function encodeEntry({ serial, revokedAt, reason, invalidityDate }: RevokedCertificate): Uint8Array {
  const extensions: RawExtension[] = [];
  // An unspecified reason is omitted (section 5.3.1).
  if (reason !== undefined && reason !== 'unspecified') {
    extensions.push(plain(oids.reason, derValue(derTag.enumerated, Buffer.of(reasonNumber(reason)))));
  }
  if (invalidityDate !== undefined) {
    extensions.push(plain(oids.invalidityDate, encodeGeneralizedTime(invalidityDate)));
  }
  return sequence(integer(BigInt(`0x${serial}`)), encodeTime(revokedAt), ...encodeExtensions(extensions));
}

function encodeContent(content: CertificateListContent, algorithm: Uint8Array): Uint8Array {
  const { authorityKeyId, number } = content;
  const extensions: RawExtension[] = [];
  if (authorityKeyId !== undefined) {
    extensions.push(plain(oids.authorityKeyId, sequence(derValue(contextTag(0), authorityKeyId))));
  }
  if (number !== undefined) extensions.push(plain(oids.number, integer(number)));
  // Concatenated first, because there may be more entries than a function takes arguments.
  const entries = Buffer.concat(Array.from(content.revoked.values(), encodeEntry));
  return sequence(
    integer(version2),
    algorithm,
    content.issuer,
    encodeTime(content.thisUpdate),
    encodeTime(content.nextUpdate),
    // Without entries the field is omitted (section 5.1.2.6).
    ...(entries.length > 0 ? [sequence(entries)] : []),
    ...encodeExtensions(extensions).map((list) => derValue(constructedContextTag(0), list)),
  );
}

/**
 * Encodes and signs a list. The caller has checked that the key is the issuer's, and the dates and the number.
 *
 * @returns PEM
 */
export function signedCertificateList(content: CertificateListContent, signing: Signing): string {
  return encodePem('X509 CRL', encodeSigned(encodeContent(content, signing.algorithm), signing));
}

/** Returns the single value, with this tag, that an extension's value must be. */
function singleValue(value: Uint8Array, name: string, tag: number): Element {
  requireCanonicalDer(value);
  const fields = new DerReader(value, name);
  const element = fields.take(tag);
  fields.end();
  return element;
}

function parseReason(value: Uint8Array): RevocationReason {
  const { content } = singleValue(value, 'reason code', derTag.enumerated);
  return reasonFromNumber(content.length === 1 ? content[0] : undefined);
}

function parseEntry(fields: DerReader, notUnderstood: Set<string>): RevokedCertificate {
  let entry: RevokedCertificate = {
    serial: serialHex(fields.take(derTag.integer).content),
    revokedAt: decodeTime(fields.next()),
  };
  if (!fields.done) {
    for (const { oid, critical, value } of readExtensionList(fields.fields(derTag.sequence))) {
      if (oid === oids.reason) entry = { ...entry, reason: parseReason(value) };
      else if (oid === oids.invalidityDate) {
        const element = singleValue(value, 'invalidity date', derTag.generalizedTime);
        entry = { ...entry, invalidityDate: decodeGeneralizedTime(element.content) };
      } else if (critical) notUnderstood.add(oid);
    }
  }
  fields.end();
  return entry;
}

function parseEntries(list: DerReader, notUnderstood: Set<string>): Map<string, RevokedCertificate> {
  const revoked = new Map<string, RevokedCertificate>();
  do {
    const entry = parseEntry(list.fields(derTag.sequence), notUnderstood);
    revoked.set(entry.serial, entry);
  } while (!list.done);
  return revoked;
}

function parseNumber(value: Uint8Array): bigint {
  const { content } = singleValue(value, 'CRL number', derTag.integer);
  if ((content[0] ?? 0) >= 0x80 || content.length > maxNumberBytes) {
    throw new CaError('malformed', `a CRL number that is negative or longer than ${maxNumberBytes} bytes`);
  }
  return BigInt(`0x${Buffer.from(content).toString('hex')}`);
}

/** Parses the extensions of the list itself. */
function parseListExtensions(
  list: DerReader,
  notUnderstood: Set<string>,
): Pick<CertificateListContent, 'number' | 'authorityKeyId'> {
  let values: Pick<CertificateListContent, 'number' | 'authorityKeyId'> = {};
  for (const { oid, critical, value } of readExtensionList(list)) {
    if (oid === oids.number) values = { ...values, number: parseNumber(value) };
    else if (oid === oids.authorityKeyId) {
      requireCanonicalDer(value);
      const { authorityKeyId } = readAuthorityKeyIdentifier(new DerReader(value, 'authority key identifier'));
      if (authorityKeyId !== undefined) values = { ...values, authorityKeyId };
    } else if (critical) notUnderstood.add(oid);
  }
  return values;
}

function parseContent(fields: DerReader, algorithm: Uint8Array) {
  const notUnderstood = new Set<string>();
  const version = fields.take(derTag.integer).content;
  if (version.length !== 1 || BigInt(version[0] ?? 0) !== version2) {
    throw new CaError('malformed', 'not a version 2 certificate revocation list');
  }
  if (Buffer.compare(fields.take(derTag.sequence).der, algorithm) !== 0) {
    throw new CaError('malformed', 'the signature algorithms inside and outside the signed part differ');
  }
  const issuer = fields.take(derTag.sequence).der;
  const thisUpdate = decodeTime(fields.next());
  // Required (section 5.1.2.5), because a list without it would never expire and could hide all later ones.
  const nextUpdate = decodeTime(fields.next());
  const entries = fields.tag === derTag.sequence ? fields.fields(derTag.sequence) : undefined;
  const revoked = entries === undefined ? new Map<string, never>() : parseEntries(entries, notUnderstood);
  let values: ReturnType<typeof parseListExtensions> = {};
  if (!fields.done) {
    const explicit = fields.fields(constructedContextTag(0));
    values = parseListExtensions(explicit.fields(derTag.sequence), notUnderstood);
    explicit.end();
  }
  fields.end();
  return {
    issuer,
    issuerName: readName(issuer),
    thisUpdate,
    nextUpdate,
    revoked,
    ...values,
    notUnderstood: [...notUnderstood],
  };
}

/**
 * Parses a list. The signature is not verified.
 *
 * @param list PEM or DER, at most 4 MiB of DER: about 100 000 entries
 * @throws CaError `FormErrorCode`, `bad-name`
 */
export function parseCertificateList(list: string | Uint8Array): ParsedCertificateList {
  const der = derFrom('X509 CRL', list);
  const { signed, algorithm, signature } = readSigned(der, structureName);
  const fields = DerReader.inside(signed, derTag.sequence, structureName);
  return { ...parseContent(fields, algorithm), signed, algorithm, signature, der };
}
