/** The public form of a revocation list (RFC 5280 section 5). Reading decides nothing about trust: `verifyCertificate` does. */
import { encodePem } from '../der/pem.ts';
import { CaError } from '../errors.ts';
import type { Names } from './names/names.ts';
import type { RevokedCertificate } from './revocation-entries.ts';
import { type ParsedCertificateList, parseCertificateList } from './revocation-list.ts';

/** A certificate revocation list. */
export interface RevocationList {
  /** Common name and organization of the issuer. */
  readonly issuer: Names;
  /** When the list was issued. */
  readonly thisUpdate: Date;
  /** When the next list is issued at the latest. The list must not be used after this time. */
  readonly nextUpdate: Date;
  /** The CRL number, which increases with each list of an issuer. Lists from other software may lack it. */
  readonly number?: bigint;
  /** The entries by serial number (lower-case hexadecimal). */
  readonly revoked: ReadonlyMap<string, RevokedCertificate>;
  /**
   * True when a certificate of the issuer that is not in `revoked` is not revoked. False for a delta, partial or indirect list, for a
   * list with unknown critical extensions, and for one with an entry that cannot be read.
   */
  readonly isComplete: boolean;
  /** The list as DER. */
  readonly der: Uint8Array;
  /** The list as PEM. */
  readonly pem: string;
}

/** PEM text, DER bytes, or a result of `readCrl`, which is not parsed again. */
export type RevocationListInput = string | Uint8Array | RevocationList;

const parsed = new WeakMap<RevocationList, ParsedCertificateList>();

/**
 * Parses a list, or returns what `readCrl` has parsed.
 *
 * @throws CaError `FormErrorCode`; `bad-argument` for an object that `readCrl` has not returned
 */
export function parseRevocationList(list: RevocationListInput): ParsedCertificateList {
  if (typeof list === 'string' || ArrayBuffer.isView(list)) return parseCertificateList(list);
  const known = typeof list === 'object' && list !== null ? parsed.get(list) : undefined;
  if (known === undefined) throw new CaError('bad-argument', 'not PEM, DER, or a list from readCrl');
  return known;
}

/**
 * Reads a certificate revocation list. It must be a version 2 list in canonical DER of at most 4 MiB. An entry that cannot be
 * read is left out, and `isComplete` is false. The signature is not verified: `verifyCertificate` does that.
 *
 * @param list PEM text or DER bytes
 * @throws CaError `FormErrorCode`
 */
export function readCrl(list: string | Uint8Array): RevocationList {
  const read = parseCertificateList(list);
  const { issuerName, thisUpdate, nextUpdate, number, revoked, scope, damage, notUnderstood, der } = read;
  const info: RevocationList = Object.freeze({
    issuer: issuerName.names,
    thisUpdate,
    nextUpdate,
    ...(number !== undefined && { number }),
    revoked,
    isComplete: scope === 'complete' && damage === null && notUnderstood.length === 0,
    der,
    pem: encodePem('X509 CRL', der),
  });
  parsed.set(info, read);
  return info;
}
