/**
 * Certificate revocation lists as bytes (RFC 5280 section 5): version 2, complete, from the issuer of the certificates.
 * Written and read by hand, since a list may have a hundred thousand entries. Whether a list is to be believed, and
 * what it means for a certificate, is decided in `revocation.ts`.
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
import type { Signing } from './signature-algorithm.ts';
import { encodeSigned, readSigned } from './signed-structure.ts';

/** One line of a list. */
export interface RevokedCertificate {
  /** Lower-case hexadecimal, as `readCertificate` gives it. */
  readonly serial: string;
  readonly revokedAt: Date;
  /** Absent when the issuer gives none. */
  readonly reason?: RevocationReason;
  /** When the key is thought to have been lost, if the issuer says so: before `revokedAt`. */
  readonly invalidityDate?: Date;
}

/** All that a list says. */
export interface CertificateListContent {
  /** The distinguished name, DER: the subject of the issuing certificate. */
  readonly issuer: Uint8Array;
  readonly thisUpdate: Date;
  /** When the next list is there at the latest; from then on this one proves nothing. */
  readonly nextUpdate: Date;
  /** Grows with every list of an issuer; at most 20 bytes (section 5.2.3). Lists of others may lack it. */
  readonly number?: bigint;
  /** The subject key identifier of the issuing certificate. */
  readonly authorityKeyId?: Uint8Array;
  /** By serial number. */
  readonly revoked: ReadonlyMap<string, RevokedCertificate>;
}

/** A list with what checking it needs besides. */
export interface ParsedCertificateList extends CertificateListContent {
  readonly issuerName: DistinguishedName;
  /** The DER of the signed part. */
  readonly signed: Uint8Array;
  /** The AlgorithmIdentifier, DER. */
  readonly algorithm: Uint8Array;
  readonly signature: Uint8Array;
  /** Critical extensions of the list or of an entry that are not known here: reason enough not to use it. */
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
  // An unspecified reason is left out (section 5.3.1).
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
  // In one piece: there may be more of them than a call takes arguments.
  const entries = Buffer.concat(Array.from(content.revoked.values(), encodeEntry));
  return sequence(
    integer(version2),
    algorithm,
    content.issuer,
    encodeTime(content.thisUpdate),
    encodeTime(content.nextUpdate),
    // An empty list is left out (section 5.1.2.6).
    ...(entries.length > 0 ? [sequence(entries)] : []),
    ...encodeExtensions(extensions).map((list) => derValue(constructedContextTag(0), list)),
  );
}

/**
 * A list, signed. The caller has checked that the key is the issuer's and that dates and numbers make sense.
 *
 * @returns PEM
 */
export function signedCertificateList(content: CertificateListContent, signing: Signing): string {
  return encodePem('X509 CRL', encodeSigned(encodeContent(content, signing.algorithm), signing));
}

function only(value: Uint8Array, what: string, tag: number): Element {
  requireCanonicalDer(value);
  const fields = new DerReader(value, what);
  const element = fields.take(tag);
  fields.end();
  return element;
}

function parseReason(value: Uint8Array): RevocationReason {
  const { content } = only(value, 'reason code', derTag.enumerated);
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
        const element = only(value, 'invalidity date', derTag.generalizedTime);
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
  const { content } = only(value, 'CRL number', derTag.integer);
  if ((content[0] ?? 0) >= 0x80 || content.length > maxNumberBytes) {
    throw new CaError('malformed', `a CRL number that is negative or over ${maxNumberBytes} bytes`);
  }
  return BigInt(`0x${Buffer.from(content).toString('hex')}`);
}

/** The extensions of the list as a whole. */
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
    throw new CaError('malformed', 'the signature algorithm differs inside and outside of the signed part');
  }
  const issuer = fields.take(derTag.sequence).der;
  const thisUpdate = decodeTime(fields.next());
  // Compulsory (section 5.1.2.5): a list that says of itself that it will do for ever hides all later ones.
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
 * @param list PEM or DER, at most 4 MiB of DER: some 100 000 entries
 * @throws CaError `FormErrorCode`, `bad-name`
 */
export function parseCertificateList(list: string | Uint8Array): ParsedCertificateList {
  const der = derFrom('X509 CRL', list);
  const { signed, algorithm, signature } = readSigned(der, structureName);
  const fields = DerReader.inside(signed, derTag.sequence, structureName);
  return { ...parseContent(fields, algorithm), signed, algorithm, signature, der };
}
