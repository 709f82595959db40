/** Reading revocation lists (RFC 5280 section 5). Reading decides nothing about trust: that is `verifyCertificate`. */

import { encodePem } from '../der/pem.ts';
import { CaError } from '../errors.ts';
import type { Names } from './names/names.ts';
import { type ParsedCertificateList, parseCertificateList, type RevokedCertificate } from './revocation-list.ts';

/** A list of revoked certificates as its readers see it. */
export interface RevocationList {
  /** Common name and organisation. */
  readonly issuer: Names;
  readonly thisUpdate: Date;
  /** When the next list is there at the latest; from then on this one proves nothing. */
  readonly nextUpdate: Date;
  /** Grows with every list of an issuer; lists of others may lack it. */
  readonly number?: bigint;
  /** By serial number, in lower-case hexadecimal. */
  readonly revoked: ReadonlyMap<string, RevokedCertificate>;
  readonly der: Uint8Array;
  readonly pem: string;
}

/** PEM text, DER bytes, or what `readCrl` returned, which spares reading it again. */
export type RevocationListInput = string | Uint8Array | RevocationList;

const parsed = new WeakMap<RevocationList, ParsedCertificateList>();

/**
 * @throws CaError `FormErrorCode`, `bad-name`; `bad-argument` for an object from elsewhere
 */
export function parseRevocationList(list: RevocationListInput): ParsedCertificateList {
  if (typeof list === 'string' || list instanceof Uint8Array) return parseCertificateList(list);
  const known = parsed.get(list);
  if (known === undefined) throw new CaError('bad-argument', 'not PEM, DER, or a list from readCrl');
  return known;
}

/**
 * What a certificate revocation list says. Strict in form (version 2, one canonical DER encoding, up to 4 MiB); it says
 * nothing about who signed it.
 *
 * @param list PEM text or DER bytes
 * @throws CaError `FormErrorCode`, `bad-name`
 */
export function readCrl(list: string | Uint8Array): RevocationList {
  const read = parseCertificateList(list);
  const { issuerName, thisUpdate, nextUpdate, number, revoked, der } = read;
  const info: RevocationList = Object.freeze({
    issuer: issuerName.names,
    thisUpdate,
    nextUpdate,
    ...(number !== undefined && { number }),
    revoked,
    der,
    pem: encodePem('X509 CRL', der),
  });
  parsed.set(info, read);
  return info;
}
