/** The certificate extensions of RFC 5280 section 4.2 that this library writes and understands. */
import { createHash } from 'node:crypto';
import { OctetString } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';
import { decodeAlternativeNames, encodeAlternativeNames } from './alternative-names.ts';
import { bitStringContent, elementAt } from './canonical-der.ts';
import { CaError, quoted } from './errors.ts';
import type { Names } from './names.ts';
import { serialHex } from './serial-number.ts';
import { bytesOf, decode, encode } from './structure.ts';

export const KeyUsage = x509.KeyUsageFlags;
export type Purpose = 'serverAuth' | 'clientAuth';

export const purposeIds: Readonly<Record<Purpose, string>> = {
  serverAuth: x509.id_kp_serverAuth,
  clientAuth: x509.id_kp_clientAuth,
};

/** What the extensions of a certificate say, where absent means that the extension is absent. */
export interface ExtensionValues {
  /** Basic constraints; without them, not a CA. */
  isCA?: boolean;
  /** How many intermediate CAs may follow a CA. */
  pathLength?: number;
  /** Flags of `KeyUsage`. */
  keyUsage?: number;
  /** Object identifiers of the extended key usage. */
  purposes?: readonly string[];
  subjectKeyId?: Uint8Array;
  authorityKeyId?: Uint8Array;
  /** The issuer's certificate by its own issuer and serial number, the other way to name it. */
  authorityCertificate?: { issuer: Uint8Array; serial: string };
  alternativeNames?: Names;
}

interface KnownExtension {
  readonly oid: string;
  /** The value, when there is one to write. */
  readonly write: (
    values: ExtensionValues,
    subjectIsEmpty: boolean,
  ) => { critical: boolean; value: object } | undefined;
  readonly read: (der: Uint8Array) => ExtensionValues;
}

function readKeyUsage(der: Uint8Array): ExtensionValues {
  const keyUsage = decode(der, x509.KeyUsage).toNumber() || 0;
  // A list of named bits ends with its last bit set (X.690 section 11.2.2), and at least one is (RFC 5280).
  if (keyUsage === 0 || Buffer.compare(encode(new x509.KeyUsage(keyUsage)), der) !== 0) {
    throw new CaError('malformed', 'a key usage that is empty or has trailing zeros');
  }
  return { keyUsage };
}

function readBasicConstraints(der: Uint8Array): ExtensionValues {
  const { cA: isCA, pathLenConstraint: pathLength } = decode(der, x509.BasicConstraints);
  if (pathLength !== undefined && (!isCA || pathLength < 0))
    throw new CaError('malformed', 'a path length of no meaning');
  return { isCA, ...(pathLength !== undefined && { pathLength }) };
}

function readExtendedKeyUsage(der: Uint8Array): ExtensionValues {
  const purposes = [...decode(der, x509.ExtendedKeyUsage)];
  if (purposes.length === 0) throw new CaError('malformed', 'an empty extended key usage');
  return { purposes };
}

function readAuthorityKeyIdentifier(der: Uint8Array): ExtensionValues {
  const {
    keyIdentifier,
    authorityCertIssuer,
    authorityCertSerialNumber: serial,
  } = decode(der, x509.AuthorityKeyIdentifier);
  const values: ExtensionValues = keyIdentifier === undefined ? {} : { authorityKeyId: bytesOf(keyIdentifier) };
  if (authorityCertIssuer === undefined && serial === undefined) return values;
  const [general, ...more] = authorityCertIssuer ?? [];
  if (general?.directoryName === undefined || more.length > 0 || serial === undefined) {
    throw new CaError('malformed', 'an authority certificate without its one issuer name and serial number');
  }
  const issuer = encode(general.directoryName);
  return { ...values, authorityCertificate: { issuer, serial: serialHex(new Uint8Array(serial)) } };
}

const known: readonly KnownExtension[] = [
  {
    oid: x509.id_ce_basicConstraints,
    write: ({ isCA: cA, pathLength }) => {
      if (cA === undefined) return undefined;
      const path = pathLength === undefined ? {} : { pathLenConstraint: pathLength };
      return { critical: true, value: new x509.BasicConstraints({ cA, ...path }) };
    },
    read: readBasicConstraints,
  },
  {
    oid: x509.id_ce_keyUsage,
    write: ({ keyUsage: flags }) => (flags ? { critical: true, value: new x509.KeyUsage(flags) } : undefined),
    read: readKeyUsage,
  },
  {
    oid: x509.id_ce_extKeyUsage,
    write: ({ purposes }) => purposes && { critical: false, value: new x509.ExtendedKeyUsage([...purposes]) },
    read: readExtendedKeyUsage,
  },
  {
    oid: x509.id_ce_subjectKeyIdentifier,
    write: ({ subjectKeyId: id }) => id && { critical: false, value: new x509.SubjectKeyIdentifier(id) },
    read: (der) => ({ subjectKeyId: bytesOf(decode(der, x509.SubjectKeyIdentifier)) }),
  },
  {
    oid: x509.id_ce_authorityKeyIdentifier,
    write: ({ authorityKeyId: id }) => {
      return (
        id && { critical: false, value: new x509.AuthorityKeyIdentifier({ keyIdentifier: new x509.KeyIdentifier(id) }) }
      );
    },
    read: readAuthorityKeyIdentifier,
  },
  {
    oid: x509.id_ce_subjectAltName,
    // Critical when it is the only name there is (RFC 5280 section 4.2.1.6).
    write: ({ alternativeNames }, critical) =>
      alternativeNames && { critical, value: encodeAlternativeNames(alternativeNames) },
    read: (der) => ({ alternativeNames: decodeAlternativeNames(decode(der, x509.SubjectAlternativeName)) }),
  },
];

/** Must be understood by whoever relies on the certificate, and is not yet, whether marked critical or not. */
const constraining: ReadonlySet<string> = new Set([x509.id_ce_nameConstraints]);

export function writeExtensions(values: ExtensionValues, subjectIsEmpty: boolean): x509.Extensions {
  return new x509.Extensions(
    known.flatMap(({ oid, write }) => {
      const written = write(values, subjectIsEmpty);
      if (!written) return [];
      const extnValue = new OctetString(encode(written.value));
      return [new x509.Extension({ extnID: oid, critical: written.critical, extnValue })];
    }),
  );
}

export interface ReadExtensions extends ExtensionValues {
  /** Critical or constraining extensions that are not known here: reason enough to refuse the certificate. */
  readonly notUnderstood: readonly string[];
}

/**
 * The values of the known extensions; unknown ones that matter are listed.
 *
 * @throws CaError `malformed` for an extension that is there twice or whose value is not well-formed
 * @throws CaError `bad-name`
 */
export function readExtensions(extensions: readonly x509.Extension[]): ReadExtensions {
  const values: ExtensionValues = {};
  const notUnderstood: string[] = [];
  const seen = new Set<string>();
  for (const { extnID, critical, extnValue } of extensions) {
    if (seen.has(extnID)) throw new CaError('malformed', `the extension ${quoted(extnID)} is there twice`);
    seen.add(extnID);
    const found = known.find(({ oid }) => oid === extnID);
    if (found !== undefined) Object.assign(values, found.read(bytesOf(extnValue)));
    else if (critical || constraining.has(extnID)) notUnderstood.push(extnID);
  }
  return { ...values, notUnderstood };
}

/** A key identifier: the first 160 bits of SHA-256 over the key's bit string (RFC 7093 section 2, method 1). */
export function keyIdentifierOf(spki: Uint8Array): Uint8Array {
  const key = bitStringContent(elementAt(spki, 1));
  return createHash('sha256').update(key).digest().subarray(0, 20);
}
