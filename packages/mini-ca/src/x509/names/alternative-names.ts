/** Reads and writes the subject alternative name extension (RFC 5280 section 4.2.1.6). */
import type { DerReader } from '../../der/der-reader.ts';
import { constructedContextTag, contextTag, derTag, derValue, sequence } from '../../der/der-writer.ts';
import { CaError } from '../../errors.ts';
import { type DistinguishedName, readName } from './distinguished-name.ts';
import { ipBytes, ipText } from './ip-address.ts';
import { type AlternativeKind, alternativeKinds, checkNames, type Names, requireFew } from './names.ts';

/** The tags of the forms of GeneralName that this library reads. */
export const generalNameTag = {
  email: contextTag(1),
  dns: contextTag(2),
  directory: constructedContextTag(4),
  uri: contextTag(6),
  ip: contextTag(7),
} as const satisfies Record<AlternativeKind | 'directory', number>;

const kindOfTag: ReadonlyMap<number, AlternativeKind> = new Map(
  alternativeKinds.map((kind) => [generalNameTag[kind], kind]),
);

/** The content of an alternative name extension. */
export interface AlternativeNames {
  /** The four kinds that this library also writes. */
  readonly names: Names;
  readonly directories: readonly DistinguishedName[];
  /** The tags of forms that this library does not read: other names, X.400 and EDI names, registered identifiers. */
  readonly unreadForms: ReadonlySet<number>;
}

function latin1(content: Uint8Array): string {
  return Buffer.from(content).toString('latin1');
}

/** Encodes the value of an alternative name extension. */
export function encodeAlternativeNames(names: Names): Uint8Array {
  const general = alternativeKinds.flatMap((kind) =>
    (names[kind] ?? []).map((name) =>
      derValue(generalNameTag[kind], kind === 'ip' ? ipBytes(name) : Buffer.from(name)),
    ),
  );
  return sequence(...general);
}

/**
 * Reads the value of an alternative name extension.
 *
 * @throws CaError `malformed`, also for no name
 * @throws CaError `bad-name`
 */
export function readAlternativeNames(fields: DerReader): AlternativeNames {
  const list = fields.fields(derTag.sequence).rest();
  if (list.length === 0) throw new CaError('malformed', 'an alternative name extension without names');
  // Checked before the names are read, because a request of a few kilobytes can contain a thousand.
  requireFew(list.length);
  const found: Names = {};
  const directories: DistinguishedName[] = [];
  const unreadForms = new Set<number>();
  for (const element of list) {
    const kind = kindOfTag.get(element.tag);
    if (kind !== undefined) {
      found[kind] ??= [];
      found[kind].push(kind === 'ip' ? ipText(element.content) : latin1(element.content));
    } else if (element.tag === generalNameTag.directory) directories.push(readName(element.content));
    else unreadForms.add(element.tag);
  }
  return { names: checkNames(found), directories, unreadForms };
}
