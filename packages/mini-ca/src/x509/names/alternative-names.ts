/** Reads and writes the subject alternative name extension (RFC 5280 section 4.2.1.6). */
import type { DerReader } from '../../der/der-reader.ts';
import { constructedContextTag, contextTag, derTag, derValue, sequence } from '../../der/der-writer.ts';
import { type OnDeviation, refuseDeviation } from '../../der/deviation.ts';
import { CaError } from '../../errors.ts';
import { type DistinguishedName, readName } from './distinguished-name.ts';
import { ipBytes, ipText } from './ip-address.ts';
import { type AlternativeKind, alternativeKinds, badName, isValidName, type Names, requireFew } from './names.ts';

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
  /** The tags of names that are not in `names`: of forms that this library does not read (other names, X.400 and EDI names, registered identifiers), and of names that are not valid. */
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

/** Returns the text of a name, or throws the reason for which it is not a valid name of its kind. */
function textOf(kind: AlternativeKind, content: Uint8Array): string {
  const text = kind === 'ip' ? ipText(content) : latin1(content);
  if (!isValidName(kind, text)) throw badName(kind, text);
  return text;
}

/**
 * Reads the value of an alternative name extension.
 *
 * @param onUnusable receives the error of each name that is not valid. `names` leaves it out, and `unreadForms` has its form, so
 *   that constraints of that form refuse it. Default: such a name is refused, and so are more than 100 names
 * @throws CaError `malformed`
 */
export function readAlternativeNames(fields: DerReader, onUnusable: OnDeviation = refuseDeviation): AlternativeNames {
  const list = fields.fields(derTag.sequence).rest();
  if (list.length === 0) onUnusable(new CaError('malformed', 'an alternative name extension without names'));
  // Checked before the names are read, because a request of a few kilobytes can contain a thousand. Certificates of large sites
  // have more than a hundred; their size bounds the number.
  if (onUnusable === refuseDeviation) requireFew(list.length);
  const names: Names = {};
  const directories: DistinguishedName[] = [];
  const unreadForms = new Set<number>();
  for (const { tag, content } of list) {
    const kind = kindOfTag.get(tag);
    try {
      if (kind !== undefined) {
        const text = textOf(kind, content);
        names[kind] ??= [];
        names[kind].push(text);
      } else if (tag === generalNameTag.directory) directories.push(readName(content, onUnusable));
      else unreadForms.add(tag);
    } catch (error) {
      if (!(error instanceof CaError)) throw error;
      unreadForms.add(tag);
      onUnusable(error);
    }
  }
  return { names, directories, unreadForms };
}
