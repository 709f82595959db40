/**
 * Encodes and parses the entries of a revocation list (RFC 5280 sections 5.1.2.6 and 5.3). An entry that cannot be read does not
 * hide the others, and is reported.
 */
import { type Element, requireCanonicalDer } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import { derTag, derValue, integer, sequence } from '../der/der-writer.ts';
import type { OnDeviation } from '../der/deviation.ts';
import { decodeGeneralizedTime, decodeTime, encodeGeneralizedTime, encodeTime } from '../der/time.ts';
import { CaError } from '../errors.ts';
import { encodeExtension, type RawExtension, readExtensionList } from './extension-list.ts';
import { type RevocationReason, reasonFromNumber, reasonNumber } from './revocation-reason.ts';
import { serialHex } from './serial-number.ts';

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

const oids = {
  reason: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  certificateIssuer: '2.5.29.29',
} as const;

/** The value of the reason `removeFromCRL`, which ends the revocation in a delta list. */
const removalReason = 8;

/** Returns an extension that is not critical. */
export function plain(oid: string, value: Uint8Array): RawExtension {
  return { oid, critical: false, value };
}

/** Encodes a list of extensions. Returns nothing for an empty one. */
export function encodeExtensions(extensions: readonly RawExtension[]): Uint8Array[] {
  return extensions.length === 0 ? [] : [sequence(...extensions.map(encodeExtension))];
}

/** Encodes an entry. */
export function encodeEntry({ serial, revokedAt, reason, invalidityDate }: RevokedCertificate): Uint8Array {
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

const entryName = 'entry of a revocation list';

/** Returns the single value, with this tag, that an extension's value must be. */
export function singleValue(value: Uint8Array, name: string, tag: number): Element {
  requireCanonicalDer(value);
  const fields = new DerReader(value, name);
  const element = fields.take(tag);
  fields.end();
  return element;
}

/** What the entries of a list say about the list. */
export interface EntryNotes {
  readonly notUnderstood: Set<string>;
  /** The serial numbers of entries that end a revocation. */
  readonly removed: Set<string>;
  readonly onDeviation: OnDeviation;
  isIndirect: boolean;
  damage: CaError | null;
}

function parseReason(value: Uint8Array): number | undefined {
  const { content } = singleValue(value, 'reason code', derTag.enumerated);
  return content.length === 1 ? content[0] : undefined;
}

/** Reads one extension of an entry. Returns the properties that it adds. */
function readEntryExtension(serial: string, { oid, critical, value }: RawExtension, notes: EntryNotes) {
  if (oid === oids.reason) {
    const number = parseReason(value);
    if (number === removalReason) notes.removed.add(serial);
    const reason = reasonFromNumber(number);
    return reason === null ? {} : { reason };
  }
  if (oid === oids.invalidityDate) {
    const element = singleValue(value, 'invalidity date', derTag.generalizedTime);
    return { invalidityDate: decodeGeneralizedTime(element.content) };
  }
  if (oid === oids.certificateIssuer) notes.isIndirect = true;
  else if (critical) notes.notUnderstood.add(oid);
  return {};
}

/** Reads an entry. What cannot be read after the serial number is left out: the certificate is revoked all the same. */
function parseEntry(fields: DerReader, notes: EntryNotes): RevokedCertificate {
  const serial = serialHex(fields.take(derTag.integer).content, () => {});
  let entry: RevokedCertificate = { serial, revokedAt: decodeTime(fields.next(), notes.onDeviation) };
  if (fields.done) return entry;
  for (const extension of readExtensionList(fields.fields(derTag.sequence), () => {})) {
    try {
      entry = { ...entry, ...readEntryExtension(serial, extension, notes) };
    } catch (error) {
      if (!(error instanceof CaError) || extension.critical) throw error;
    }
  }
  fields.end();
  return entry;
}

/** Reads the entries of a list by serial number. Deviations are two entries for one serial number, and dates in another form. */
export function parseEntries(list: DerReader, notes: EntryNotes): Map<string, RevokedCertificate> {
  const revoked = new Map<string, RevokedCertificate>();
  while (!list.done) {
    const element = list.next();
    try {
      const entry = parseEntry(DerReader.inside(element.der, derTag.sequence, entryName), notes);
      if (revoked.has(entry.serial)) {
        notes.onDeviation(new CaError('malformed', 'two entries for one serial number (5.1.2.6)'));
      }
      revoked.set(entry.serial, entry);
    } catch (error) {
      if (!(error instanceof CaError)) throw error;
      notes.damage ??= error;
    }
  }
  return revoked;
}
