/**
 * The certificate extensions (RFC 5280 section 4.2) that this library writes and processes, one row each. Extensions with more
 * than a few fields have their own files.
 */
import { bitStringContent, elementAt, requireCanonicalDer } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import {
  constructedContextTag,
  contextTag,
  derTag,
  derTrue,
  derValue,
  integer,
  octetString,
  sequence,
} from '../der/der-writer.ts';
import { type OnDeviation, refuseDeviation } from '../der/deviation.ts';
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

/** A purpose of a certificate (RFC 5280 section 4.2.1.12): TLS server or TLS client. */
export type Purpose = 'serverAuth' | 'clientAuth';

/** Object identifiers of the extended key usage (section 4.2.1.12). */
export const purposeIds: Readonly<Record<Purpose, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
};

/** The values of the extensions of a certificate. A property is absent when its extension is absent. */
export interface ExtensionValues {
  /** Basic constraints: true for a CA. */
  isCA?: boolean;
  /** Basic constraints: the number of intermediate CAs that may follow this CA. */
  pathLength?: number;
  /** A sum of `keyUsageBits`. */
  keyUsage?: number;
  /** Object identifiers of the extended key usage. */
  purposes?: readonly string[];
  subjectKeyId?: Uint8Array;
  authorityKeyId?: Uint8Array;
  /** The other form of the authority key identifier: the issuer and the serial number of the issuer's certificate. Never written. */
  authorityCertificate?: { issuer: Uint8Array; serial: string };
  alternativeNames?: Names;
  /** Never written. */
  nameConstraints?: NameConstraints;
}

/** An extension to write: its value is DER. */
interface EncodedValue {
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** Receives what a reader of extensions tolerates. */
export interface Tolerance {
  /** Deviations of form. */
  readonly onDeviation: OnDeviation;
  /** The errors of names that are not valid. */
  readonly onUnusableName: OnDeviation;
}

/** Tolerates nothing. */
const strict: Tolerance = { onDeviation: refuseDeviation, onUnusableName: refuseDeviation };

interface KnownExtension {
  readonly oid: string;
  /** Returns null when the values do not contain this extension. Extensions without this function are never written. */
  readonly write?: (values: ExtensionValues, subjectIsEmpty: boolean) => EncodedValue | null;
  readonly read: (fields: DerReader, tolerance: Tolerance) => Partial<ReadExtensions>;
}

const maxPurposes = 100;

function readBasicConstraints(outer: DerReader, { onDeviation }: Tolerance): ExtensionValues {
  const fields = outer.fields(derTag.sequence);
  const flag = fields.takeIf(derTag.boolean);
  const length = fields.takeIf(derTag.integer)?.content;
  fields.end();
  const isCA = flag !== null && flag.content[0] !== 0;
  if (flag !== null && !isCA) {
    onDeviation(new CaError('not-canonical', 'basic constraints with an encoded default value'));
  }
  if (length === undefined) return { isCA };
  if (length.length > 4 || (length[0] ?? 0) >= 0x80) {
    throw new CaError('malformed', 'a path length that is negative or too long');
  }
  if (!isCA) {
    onDeviation(new CaError('malformed', 'a path length of a certificate that is not of a CA'));
    return { isCA };
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

/**
 * Reads an authority key identifier (section 4.2.1.1), which occurs in certificates and in revocation lists. A deviation is only one
 * of issuer and serial number, which identifies nothing and is ignored.
 *
 * @throws CaError `malformed`
 */
export function readAuthorityKeyIdentifier(
  outer: DerReader,
  onDeviation: OnDeviation = refuseDeviation,
): Pick<ExtensionValues, 'authorityKeyId' | 'authorityCertificate'> {
  const fields = outer.fields(derTag.sequence);
  const authorityKeyId = fields.takeIf(contextTag(0))?.content;
  const names = fields.takeIf(constructedContextTag(1));
  const serial = fields.takeIf(contextTag(2))?.content;
  fields.end();
  const values = authorityKeyId === undefined ? {} : { authorityKeyId };
  if (names === null && serial === undefined) return values;
  if (names === null || serial === undefined) {
    onDeviation(new CaError('malformed', 'an authority key identifier with only one of issuer and serial number'));
    return values;
  }
  const issuer = DerReader.inside(names.der, names.tag, 'authority certificate').take(generalNameTag.directory).content;
  return { ...values, authorityCertificate: { issuer, serial: serialHex(serial, onDeviation) } };
}

const known: readonly KnownExtension[] = [
  {
    oid: '2.5.29.19',
    write: ({ isCA, pathLength }) => {
      if (isCA === undefined) return null;
      const length = pathLength === undefined ? [] : [integer(BigInt(pathLength))];
      return { critical: true, value: sequence(...(isCA ? [derTrue] : []), ...length) };
    },
    read: readBasicConstraints,
  },
  {
    oid: '2.5.29.15',
    write: ({ keyUsage }) => (keyUsage ? { critical: true, value: encodeKeyUsage(keyUsage) } : null),
    read: (fields, { onDeviation }) => ({
      keyUsage: readKeyUsage(fields.take(derTag.bitString).content, onDeviation),
    }),
  },
  {
    oid: '2.5.29.37',
    write: ({ purposes }) =>
      purposes === undefined ? null : { critical: false, value: sequence(...purposes.map(encodeObjectIdentifier)) },
    read: readExtendedKeyUsage,
  },
  {
    oid: '2.5.29.14',
    write: ({ subjectKeyId: id }) => (id === undefined ? null : { critical: false, value: octetString(id) }),
    read: (fields) => ({ subjectKeyId: fields.take(derTag.octetString).content }),
  },
  {
    oid: '2.5.29.35',
    write: ({ authorityKeyId: id }) =>
      id === undefined ? null : { critical: false, value: sequence(derValue(contextTag(0), id)) },
    read: (fields, { onDeviation }) => readAuthorityKeyIdentifier(fields, onDeviation),
  },
  {
    oid: '2.5.29.17',
    // Critical when the subject is empty (section 4.2.1.6).
    write: ({ alternativeNames: names }, subjectIsEmpty) =>
      names === undefined ? null : { critical: subjectIsEmpty, value: encodeAlternativeNames(names) },
    read: (fields, { onUnusableName }) => {
      const allNames = readAlternativeNames(fields, onUnusableName);
      return { alternativeNames: allNames.names, allNames };
    },
  },
  { oid: '2.5.29.30', read: (fields) => ({ nameConstraints: readNameConstraints(fields) }) },
];

const byOid = new Map(known.map((row) => [row.oid, row]));

/**
 * Policy constraints and inhibitAnyPolicy can require a policy. This library does not process policies, so it cannot honour these
 * extensions, whether they are critical or not.
 */
const constraining: ReadonlySet<string> = new Set(['2.5.29.36', '2.5.29.54']);

/**
 * Encodes the extensions of these values, in the order of the table.
 *
 * @param subjectIsEmpty makes the alternative names critical
 * @returns one DER value for each extension
 */
export function encodeExtensions(values: ExtensionValues, subjectIsEmpty: boolean): Uint8Array[] {
  return known.flatMap(({ oid, write }) => {
    const written = write?.(values, subjectIsEmpty);
    return written ? [encodeExtension({ oid, ...written })] : [];
  });
}

/** The values of extensions that were read. */
export interface ReadExtensions extends ExtensionValues {
  /** All alternative names, including the forms that `alternativeNames` does not have. */
  readonly allNames?: AlternativeNames;
  /** Object identifiers of extensions that forbid the use of the certificate, because they are critical or constrain it and are unknown. */
  readonly notUnderstood: readonly string[];
  /** All extensions as they were given. */
  readonly all: readonly RawExtension[];
}

/**
 * Reads the values of the known extensions, and lists the unknown ones that matter.
 *
 * @param tolerance default: a deviation and a name that is not valid are refused
 * @throws CaError `malformed`, `not-canonical`, `trailing-bytes` for a value that does not have the form of its extension
 */
export function readExtensions(extensions: readonly RawExtension[], tolerance: Tolerance = strict): ReadExtensions {
  const values: Partial<ReadExtensions> = {};
  const notUnderstood: string[] = [];
  for (const { oid, critical, value } of extensions) {
    const row = byOid.get(oid);
    if (row !== undefined) {
      requireCanonicalDer(value);
      const fields = new DerReader(value, `extension ${oid}`);
      Object.assign(values, row.read(fields, tolerance));
      fields.end();
    } else if (critical || constraining.has(oid)) notUnderstood.push(oid);
  }
  return { ...values, notUnderstood, all: extensions };
}

/** Returns the key identifier of a key: the first 160 bits of SHA-256 over its bit string (RFC 7093 section 2, method 1). */
export function keyIdentifierOf(spki: Uint8Array): Uint8Array {
  return sha256(bitStringContent(elementAt(spki, 1))).subarray(0, 20);
}
