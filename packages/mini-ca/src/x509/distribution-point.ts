/**
 * The distribution points of a CA that splits its list: what a part covers (RFC 5280 section 5.2.5), and in which part a certificate is
 * (section 4.2.1.13). Only points that are named by URIs, as those of the web's CAs are, can be matched.
 */
import { requireCanonicalDer } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import { constructedContextTag, contextTag, derTag } from '../der/der-writer.ts';
import { CaError } from '../errors.ts';
import type { ParsedCertificate } from './certificate.ts';
import { generalNameTag } from './names/alternative-names.ts';

/** The certificates that a part of a list covers. */
export interface Coverage {
  /** The kind of certificate, or null for both. */
  readonly only: 'ca' | 'end-entity' | null;
  /** The URIs of its distribution point, or null for every point. */
  readonly uris: readonly string[] | null;
}

/** What an issuing distribution point says. */
export interface IssuingPoint {
  /** True when the list has entries for certificates of other issuers. */
  readonly isIndirect: boolean;
  /** The certificates for which the list is complete. Null when there are none, or when they are described in another way. */
  readonly coverage: Coverage | null;
}

const structureName = 'distribution point';
const pointsOid = '2.5.29.31';
const tags = {
  name: constructedContextTag(0),
  fullName: constructedContextTag(0),
  onlyEndEntities: contextTag(1),
  onlyCas: contextTag(2),
  indirect: contextTag(4),
} as const;

/** Returns the URIs of a DistributionPointName. Returns null for one that is not made of URIs alone. */
function urisOf(name: Uint8Array): string[] | null {
  const choice = DerReader.inside(name, tags.name, structureName);
  if (choice.tag !== tags.fullName) return null;
  const names = choice.fields(tags.fullName).rest();
  choice.end();
  if (names.length === 0 || names.some(({ tag }) => tag !== generalNameTag.uri)) return null;
  return names.map(({ content }) => Buffer.from(content).toString('latin1'));
}

function coverageOf(fields: readonly { readonly tag: number; readonly der: Uint8Array }[]): Coverage | null {
  const found = new Map(fields.map(({ tag, der }) => [tag, der]));
  const [endEntities, cas] = [found.delete(tags.onlyEndEntities), found.delete(tags.onlyCas)];
  const name = found.get(tags.name);
  found.delete(tags.name);
  // Some reasons, attribute certificates, both kinds, or nothing at all: the list is complete for no certificate.
  if (found.size > 0 || (endEntities && cas) || fields.length === 0) return null;
  const uris = name === undefined ? null : urisOf(name);
  if (name !== undefined && uris === null) return null;
  return { only: endEntities ? 'end-entity' : cas ? 'ca' : null, uris };
}

/**
 * Reads the value of an issuing distribution point.
 *
 * @throws CaError `malformed`, `not-canonical`
 */
export function readIssuingPoint(value: Uint8Array): IssuingPoint {
  requireCanonicalDer(value);
  const fields = DerReader.inside(value, derTag.sequence, structureName)
    .rest()
    // An encoded FALSE says nothing.
    .filter(({ tag, content }) => !(tag >= 0x81 && tag <= 0x85 && tag !== 0x83 && content[0] === 0));
  const isIndirect = fields.some(({ tag }) => tag === tags.indirect);
  return { isIndirect, coverage: isIndirect ? null : coverageOf(fields) };
}

/** Returns the URIs of each distribution point of a certificate that has all reasons and the certificate's issuer. */
function pointsOf({ extensions }: ParsedCertificate): string[][] {
  const value = extensions.all.find(({ oid }) => oid === pointsOid)?.value;
  if (value === undefined) return [];
  try {
    requireCanonicalDer(value);
    return DerReader.inside(value, derTag.sequence, structureName)
      .rest()
      .flatMap(({ der }) => {
        const [name, ...others] = DerReader.inside(der, derTag.sequence, structureName).rest();
        if (name === undefined || name.tag !== tags.name || others.length > 0) return [];
        const uris = urisOf(name.der);
        return uris === null ? [] : [uris];
      });
  } catch (error) {
    // The extension is a hint where to find lists. One that cannot be read names no list.
    if (error instanceof CaError) return [];
    throw error;
  }
}

/** True when the part of the list is complete for this certificate (section 6.3.3 (b) (2)). */
export function covers({ only, uris }: Coverage, certificate: ParsedCertificate): boolean {
  const kind = certificate.extensions.isCA === true ? 'ca' : 'end-entity';
  if (only !== null && only !== kind) return false;
  return uris === null || pointsOf(certificate).some((point) => point.some((uri) => uris.includes(uri)));
}
