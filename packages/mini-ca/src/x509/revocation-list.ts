/**
 * Encodes and parses certificate revocation lists (RFC 5280 section 5): version 2, signed by the issuer of the certificates. A list
 * may have 100 000 entries. An entry that cannot be read does not hide the others. `verify/revocation.ts` decides whether a list is
 * valid and what it means for a certificate.
 */
import { elementAt, requireCanonicalDer } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import { constructedContextTag, contextTag, derTag, derValue, integer, sequence } from '../der/der-writer.ts';
import { derFrom, encodePem } from '../der/pem.ts';
import { decodeTime, encodeTime } from '../der/time.ts';
import { CaError } from '../errors.ts';
import { type Coverage, readIssuingPoint } from './distribution-point.ts';
import { type RawExtension, readExtensionList } from './extension-list.ts';
import { readAuthorityKeyIdentifier } from './extensions.ts';
import { type DistinguishedName, readName } from './names/distinguished-name.ts';
import {
  type EntryNotes,
  encodeEntry,
  encodeExtensions,
  parseEntries,
  plain,
  type RevokedCertificate,
  singleValue,
} from './revocation-entries.ts';
import type { SignedStructure, Signing } from './signature-algorithm.ts';
import { encodeSigned, readSigned } from './signed-structure.ts';

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
  /** What the list covers. This does not depend on whether the extensions that say so are critical. */
  readonly scope: ListScope;
  /** The reason for which an entry could not be read, or null. The list does not prove that a certificate is not revoked. */
  readonly damage: CaError | null;
  /** For a `partial` list, the certificates for which it is complete; null when there are none. */
  readonly coverage: Coverage | null;
  /** What does not have the form that section 5 requires of CAs. It can be read without doubt. */
  readonly deviations: readonly CaError[];
  readonly der: Uint8Array;
}

/**
 * What a list covers. A complete one proves that a certificate is not revoked. A `delta` list has the changes since another list, a
 * `partial` one covers one distribution point, one kind of certificate or some reasons, and an `indirect` one has entries for
 * certificates of other issuers.
 */
export type ListScope = 'complete' | 'delta' | 'partial' | 'indirect';

const structureName = 'certificate revocation list';
const version2 = 1n;
const maxNumberBytes = 20;
/** A list may have 100 000 entries, and one deviation is enough to refuse it. */
const maxDeviations = 10;
const oids = {
  number: '2.5.29.20',
  deltaIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  authorityKeyId: '2.5.29.35',
} as const;

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

function parseNumber(value: Uint8Array): bigint {
  const { content } = singleValue(value, 'CRL number', derTag.integer);
  if ((content[0] ?? 0) >= 0x80 || content.length > maxNumberBytes) {
    throw new CaError('malformed', `a CRL number that is negative or longer than ${maxNumberBytes} bytes`);
  }
  return BigInt(`0x${Buffer.from(content).toString('hex')}`);
}

/** What the extensions of a list say. */
interface ListExtensions {
  readonly number?: bigint;
  readonly authorityKeyId?: Uint8Array;
  readonly scope: ListScope;
  readonly coverage: Coverage | null;
}

const noExtensions: ListExtensions = { scope: 'complete', coverage: null };

/** The extensions that a list must mark as critical (sections 5.2.4, 5.2.5), and those that it must not (5.2.1, 5.2.3). */
const criticality: ReadonlyMap<string, boolean> = new Map([
  [oids.deltaIndicator, true],
  [oids.issuingDistributionPoint, true],
  [oids.authorityKeyId, false],
  [oids.number, false],
]);

/** Parses the extensions of the list itself. */
function parseListExtensions(list: DerReader, { notUnderstood, onDeviation }: EntryNotes): ListExtensions {
  let values: ListExtensions = noExtensions;
  for (const { oid, critical, value } of readExtensionList(list, onDeviation)) {
    if (criticality.get(oid) === !critical) {
      onDeviation(new CaError('malformed', `the extension ${oid} has the wrong criticality (5.2)`));
    }
    if (oid === oids.number) values = { ...values, number: parseNumber(value) };
    else if (oid === oids.authorityKeyId) {
      requireCanonicalDer(value);
      const reader = new DerReader(value, 'authority key identifier');
      const { authorityKeyId } = readAuthorityKeyIdentifier(reader, onDeviation);
      if (authorityKeyId !== undefined) values = { ...values, authorityKeyId };
    } else if (oid === oids.deltaIndicator) {
      values = { ...values, scope: values.scope === 'indirect' ? values.scope : 'delta' };
    } else if (oid === oids.issuingDistributionPoint) {
      const { isIndirect, coverage } = readIssuingPoint(value);
      const partial = values.scope === 'delta' ? values.scope : 'partial';
      values = { ...values, scope: isIndirect ? 'indirect' : partial, coverage };
    } else if (critical) notUnderstood.add(oid);
  }
  return values;
}

function parseExtensionsOf(fields: DerReader, notes: EntryNotes): ListExtensions {
  if (fields.done) return noExtensions;
  const explicit = fields.fields(constructedContextTag(0));
  const values = parseListExtensions(explicit.fields(derTag.sequence), notes);
  explicit.end();
  fields.end();
  return values;
}

function parseContent(fields: DerReader, algorithm: Uint8Array) {
  const version = fields.take(derTag.integer).content;
  if (version.length !== 1 || BigInt(version[0] ?? 0) !== version2) {
    throw new CaError('malformed', 'not a version 2 certificate revocation list');
  }
  if (Buffer.compare(fields.take(derTag.sequence).der, algorithm) !== 0) {
    throw new CaError('malformed', 'the signature algorithms inside and outside the signed part differ');
  }
  const issuer = fields.take(derTag.sequence).der;
  const deviations: CaError[] = [];
  const onDeviation = (deviation: CaError) => void (deviations.length < maxDeviations && deviations.push(deviation));
  const thisUpdate = decodeTime(fields.next(), onDeviation);
  // Required (section 5.1.2.5), because a list without it would never expire and could hide all later ones.
  const nextUpdate = decodeTime(fields.next(), onDeviation);
  const notes: EntryNotes = {
    notUnderstood: new Set(),
    removed: new Set(),
    onDeviation,
    isIndirect: false,
    damage: null,
  };
  const entries = fields.tag === derTag.sequence ? fields.fields(derTag.sequence) : undefined;
  // Some CAs write an empty sequence where the field must be omitted.
  if (entries?.done) onDeviation(new CaError('malformed', 'an empty list of entries (5.1.2.6)'));
  const revoked = entries === undefined ? new Map<string, never>() : parseEntries(entries, notes);
  const values = parseExtensionsOf(fields, notes);
  if (values.number === undefined) onDeviation(new CaError('malformed', 'no CRL number (5.2.3)'));
  if (values.scope === 'delta') for (const serial of notes.removed) revoked.delete(serial);
  return {
    issuer,
    issuerName: readName(issuer, () => {}),
    thisUpdate,
    nextUpdate,
    revoked,
    ...values,
    scope: notes.isIndirect ? ('indirect' as const) : values.scope,
    damage: notes.damage,
    deviations,
    notUnderstood: [...notes.notUnderstood],
  };
}

/**
 * Returns the key of the issuer's name in a list that `parseCertificateList` has refused, or null when not even that can be read.
 * It lets a check of revocation refuse certificates of this issuer, and of no other.
 */
export function issuerOfUnreadableList(list: string | Uint8Array): string | null {
  try {
    const signed = elementAt(derFrom('X509 CRL', list), 0);
    const hasVersion = elementAt(signed, 0)[0] === derTag.integer;
    const issuer = elementAt(signed, hasVersion ? 2 : 1);
    requireCanonicalDer(issuer);
    return readName(issuer, () => {}).key;
  } catch (error) {
    if (error instanceof CaError) return null;
    throw error;
  }
}

/**
 * Parses a list. The signature is not verified.
 *
 * @param list PEM or DER, at most 4 MiB of DER: about 100 000 entries
 * @throws CaError `FormErrorCode`
 */
export function parseCertificateList(list: string | Uint8Array): ParsedCertificateList {
  const der = derFrom('X509 CRL', list);
  const { signed, algorithm, signature } = readSigned(der, structureName);
  const fields = DerReader.inside(signed, derTag.sequence, structureName);
  return { ...parseContent(fields, algorithm), signed, algorithm, signature, der };
}
