/**
 * The certificate extensions of RFC 5280 section 4.2 that this library writes and understands, one row each. The value of
 * each is read here or, where it is more than a few fields, in a file of its own.
 */
import { bitStringContent, elementAt, requireCanonicalDer } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import { constructedContextTag, contextTag, derTag, derValue, integer, sequence } from '../der/der-writer.ts';
import { decodeObjectIdentifier, encodeObjectIdentifier } from '../der/object-identifier.ts';
import { CaError } from '../errors.ts';
import { sha256 } from '../keys/digest.ts';
import { encodeExtension, type RawExtension } from './extension-list.ts';
import { encodeKeyUsage, readKeyUsage } from './key-usage.ts';
import {
  type AlternativeNames,
  encodeAlternativeNames,
  generalNameTag,
  readAlternativeNames,
} from './names/alternative-names.ts';
import { type NameConstraints, readNameConstraints } from './names/name-constraints.ts';
import type { Names } from './names/names.ts';
import { serialHex } from './serial-number.ts';

export type Purpose = 'serverAuth' | 'clientAuth';

/** Object identifiers of the extended key usage (section 4.2.1.12). */
export const purposeIds: Readonly<Record<Purpose, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
};

/** What the extensions of a certificate say, where absent means that the extension is absent. */
export interface ExtensionValues {
  /** Basic constraints; without them, not a CA. */
  isCA?: boolean;
  /** How many intermediate CAs may follow a CA. */
  pathLength?: number;
  /** Flags of `keyUsageBits`. */
  keyUsage?: number;
  /** Object identifiers of the extended key usage. */
  purposes?: readonly string[];
  subjectKeyId?: Uint8Array;
  authorityKeyId?: Uint8Array;
  /** The issuer's certificate by its own issuer and serial number, the other way to name it. Read, never written. */
  authorityCertificate?: { issuer: Uint8Array; serial: string };
  alternativeNames?: Names;
  /** Read, never written. */
  nameConstraints?: NameConstraints;
}

interface KnownExtension {
  readonly oid: string;
  /** The value, when there is one to write. */
  readonly write?: (
    values: ExtensionValues,
    subjectIsEmpty: boolean,
  ) => { critical: boolean; value: Uint8Array } | undefined;
  readonly read: (fields: DerReader) => Partial<ReadExtensions>;
}

const derTrue = derValue(derTag.boolean, Uint8Array.of(0xff));
const maxPurposes = 100;

function readBasicConstraints(outer: DerReader): ExtensionValues {
  const fields = outer.fields(derTag.sequence);
  const flag = fields.takeIf(derTag.boolean);
  const length = fields.takeIf(derTag.integer)?.content;
  fields.end();
  if (flag?.content[0] === 0) throw new CaError('not-canonical', 'basic constraints that write out their default');
  if (length === undefined) return { isCA: flag !== undefined };
  if (flag === undefined || length.length > 4 || (length[0] ?? 0) >= 0x80) {
    throw new CaError('malformed', 'a path length of no meaning');
  }
  return { isCA: true, pathLength: Buffer.from(length).readUIntBE(0, length.length) };
}

function readExtendedKeyUsage(outer: DerReader): ExtensionValues {
  const fields = outer.fields(derTag.sequence);
  const purposes: string[] = [];
  do {
    purposes.push(decodeObjectIdentifier(fields.take(derTag.objectIdentifier).content));
  } while (!fields.done && purposes.length < maxPurposes);
  fields.end();
  return { purposes };
}

/** The value of an authority key identifier, which certificates and revocation lists both have (section 4.2.1.1). */
export function readAuthorityKeyIdentifier(
  outer: DerReader,
): Pick<ExtensionValues, 'authorityKeyId' | 'authorityCertificate'> {
  const fields = outer.fields(derTag.sequence);
  const authorityKeyId = fields.takeIf(contextTag(0))?.content;
  const names = fields.takeIf(constructedContextTag(1));
  const serial = fields.takeIf(contextTag(2))?.content;
  fields.end();
  const values = authorityKeyId === undefined ? {} : { authorityKeyId };
  if (names === undefined && serial === undefined) return values;
  if (names === undefined || serial === undefined) {
    throw new CaError('malformed', 'an authority certificate without both its issuer and its serial number');
  }
  const issuer = DerReader.inside(names.der, names.tag, 'authority certificate').take(generalNameTag.directory).content;
  return { ...values, authorityCertificate: { issuer, serial: serialHex(serial) } };
}

function octetString(bytes: Uint8Array): Uint8Array {
  return derValue(derTag.octetString, bytes);
}

const known: readonly KnownExtension[] = [
  {
    oid: '2.5.29.19',
    write: ({ isCA, pathLength }) => {
      if (isCA === undefined) return undefined;
      const length = pathLength === undefined ? [] : [integer(BigInt(pathLength))];
      return { critical: true, value: sequence(...(isCA ? [derTrue] : []), ...length) };
    },
    read: readBasicConstraints,
  },
  {
    oid: '2.5.29.15',
    write: ({ keyUsage }) => (keyUsage ? { critical: true, value: encodeKeyUsage(keyUsage) } : undefined),
    read: (fields) => ({ keyUsage: readKeyUsage(fields.take(derTag.bitString).content) }),
  },
  {
    oid: '2.5.29.37',
    write: ({ purposes }) => purposes && { critical: false, value: sequence(...purposes.map(encodeObjectIdentifier)) },
    read: readExtendedKeyUsage,
  },
  {
    oid: '2.5.29.14',
    write: ({ subjectKeyId: id }) => id && { critical: false, value: octetString(id) },
    read: (fields) => ({ subjectKeyId: fields.take(derTag.octetString).content }),
  },
  {
    oid: '2.5.29.35',
    write: ({ authorityKeyId: id }) => id && { critical: false, value: sequence(derValue(contextTag(0), id)) },
    read: readAuthorityKeyIdentifier,
  },
  {
    oid: '2.5.29.17',
    // Critical when it is the only name there is (section 4.2.1.6).
    write: ({ alternativeNames }, critical) =>
      alternativeNames && { critical, value: encodeAlternativeNames(alternativeNames) },
    read: (fields) => {
      const allNames = readAlternativeNames(fields);
      return { alternativeNames: allNames.names, allNames };
    },
  },
  { oid: '2.5.29.30', read: (fields) => ({ nameConstraints: readNameConstraints(fields) }) },
];

const byOid = new Map(known.map((row) => [row.oid, row]));

/**
 * Policies are not processed here: every policy is acceptable to this library, and none is asked for. What would demand
 * one is therefore not understood, whether marked critical or not: policy constraints and inhibitAnyPolicy.
 */
const constraining: ReadonlySet<string> = new Set(['2.5.29.36', '2.5.29.54']);

/** The extensions that these values make, DER each. */
export function encodeExtensions(values: ExtensionValues, subjectIsEmpty: boolean): Uint8Array[] {
  return known.flatMap(({ oid, write }) => {
    const written = write?.(values, subjectIsEmpty);
    return written ? [encodeExtension({ oid, ...written })] : [];
  });
}

export interface ReadExtensions extends ExtensionValues {
  /** Every alternative name, those that are not in `alternativeNames` too. */
  readonly allNames?: AlternativeNames;
  /** Critical or constraining extensions that are not known here: reason enough to refuse the certificate. */
  readonly notUnderstood: readonly string[];
}

/**
 * The values of the known extensions; unknown ones that matter are listed.
 *
 * @throws CaError `malformed`, `not-canonical`, `trailing-bytes` for a value that is not what its extension has
 * @throws CaError `bad-name`
 */
export function readExtensions(extensions: readonly RawExtension[]): ReadExtensions {
  const values: Partial<ReadExtensions> = {};
  const notUnderstood: string[] = [];
  for (const { oid, critical, value } of extensions) {
    const row = byOid.get(oid);
    if (row !== undefined) {
      requireCanonicalDer(value);
      const fields = new DerReader(value, `extension ${oid}`);
      Object.assign(values, row.read(fields));
      fields.end();
    } else if (critical || constraining.has(oid)) notUnderstood.push(oid);
  }
  return { ...values, notUnderstood };
}

/** A key identifier: the first 160 bits of SHA-256 over the key's bit string (RFC 7093 section 2, method 1). */
export function keyIdentifierOf(spki: Uint8Array): Uint8Array {
  return sha256(bitStringContent(elementAt(spki, 1))).subarray(0, 20);
}
