/** Revocation lists that mean something without doubt, and do not have the form that RFC 5280 section 5 requires of CAs. */
import { derTag, derValue, integer, sequence } from '../../../src/der/der-writer.ts';
import { encodeTime } from '../../../src/der/time.ts';
import { critical, days, type ExtensionOverride, generalName, makeLeaf, oid, plain } from './certificate-builder.ts';
import { type ListParts, makeList } from './crl-builder.ts';
import { rootList } from './crl-rows.ts';
import { accepted, form, keyIdOf, leafOf, rows, withLeaf } from './profile-rows.ts';
import { type Chain, middle, type Row } from './row.ts';

function withList(parts: Partial<ListParts>, leaf = leafOf(middle)): Chain {
  return { ...withLeaf({}), leaf, crls: [makeList({ issuer: middle, ...parts }), rootList] };
}

const time = (tag: number, text: string) => derValue(tag, Buffer.from(text));
const digits = (date: Date) => date.toISOString().replace(/\.\d+Z$|[-:T]/g, '');
const generalized = (date: Date) => time(derTag.generalizedTime, `${digits(date)}Z`);
const withoutSeconds = (date: Date) => time(derTag.utcTime, `${digits(date).slice(2, 12)}Z`);
const sibling = makeLeaf({ issuer: middle, name: 'sibling' });
const entryAt = (at: Uint8Array) => ({ entries: sequence(sequence(integer(sibling.serial), at)) });
const extension = (id: string, value: ExtensionOverride) => ({ extensions: { [id]: value } });

const point = derValue(0xa0, derValue(0xa0, generalName.uri('http://lists.example/one')));
const atPoint = leafOf(middle, { extensions: { [oid.listPoints]: plain(sequence(sequence(point))) } });

/** The rows of this file. */
export const listForms: Row[] = [
  ...rows('a list of the right form', [accepted, accepted, accepted], () => withList({ revoked: [sibling] })),
  ...rows('a list without a number', [accepted, form, form], () => withList(extension(oid.crlNumber, null))),
  ...rows('a critical list number', [accepted, form, form], () =>
    withList(extension(oid.crlNumber, critical(integer(1n)))),
  ),
  ...rows('two entries for one serial number in a list', [accepted, form, form], () =>
    withList({ revoked: [sibling, sibling] }),
  ),
  ...rows('an empty list of entries', [accepted, form, form], () => withList({ entries: sequence() })),
  ...rows('a date of a list in the wrong form', [accepted, form, form], () =>
    withList({ times: [generalized(days(-1)), encodeTime(days(1))] }),
  ),
  ...rows('a date of the next list in the wrong form', [accepted, form, form], () =>
    withList({ times: [encodeTime(days(-1)), generalized(days(1))] }),
  ),
  ...rows('a date of a list without seconds', [accepted, form, form], () =>
    withList({ times: [withoutSeconds(days(-1)), encodeTime(days(1))] }),
  ),
  ...rows('a date of an entry in the wrong form', [accepted, form, form], () =>
    withList(entryAt(generalized(days(-1)))),
  ),
  ...rows('a critical authority key identifier of a list', [accepted, form, form], () =>
    withList(extension(oid.authorityKeyId, critical(sequence(derValue(0x80, keyIdOf('Middle')))))),
  ),
  ...rows('a part of a list, the certificate’s', [accepted, accepted, accepted], () =>
    withList(extension(oid.distributionPoint, critical(sequence(point))), atPoint),
  ),
  ...rows('a part of a list that does not say so critically', [accepted, form, form], () =>
    withList(extension(oid.distributionPoint, plain(sequence(point))), atPoint),
  ),
];
