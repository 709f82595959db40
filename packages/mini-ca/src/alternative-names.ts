/** Names as a subject alternative name extension (RFC 5280 section 4.2.1.6). */
import { GeneralName, SubjectAlternativeName } from '@peculiar/asn1-x509';
import { CaError } from './errors.ts';
import { type AlternativeKind, alternativeKinds, checkNames, type Names, requireFew } from './names.ts';

/** The field of a GeneralName that holds each kind. */
const fields = {
  dns: 'dNSName',
  ip: 'iPAddress',
  uri: 'uniformResourceIdentifier',
  email: 'rfc822Name',
} as const satisfies Record<AlternativeKind, keyof GeneralName>;

export function encodeAlternativeNames(names: Names): SubjectAlternativeName {
  const general = alternativeKinds.flatMap((kind) =>
    (names[kind] ?? []).map((name) => new GeneralName({ [fields[kind]]: name })),
  );
  return new SubjectAlternativeName(general);
}

/**
 * The names of the four kinds; others (directory names, other names) are left out.
 *
 * @throws CaError `malformed` when there are none at all
 * @throws CaError `bad-name`
 */
export function decodeAlternativeNames(extension: SubjectAlternativeName): Names {
  if (extension.length === 0) throw new CaError('malformed', 'an alternative name extension without a name');
  // Before they are sorted by kind: a request of some kilobytes holds a thousand.
  requireFew(extension.length);
  const names: Names = {};
  for (const kind of alternativeKinds) {
    const found = Array.from(extension, (general) => general[fields[kind]]).filter((name) => name !== undefined);
    if (found.length > 0) names[kind] = found;
  }
  return checkNames(names);
}
