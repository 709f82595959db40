/** Chains whose verdict depends on the profile: what RFC 5280 section 4 obliges CAs to write, and what the web's CAs must add. */
import { derTag, derValue, octetString, sequence } from '../../../src/der/der-writer.ts';
import { encodeObjectIdentifier } from '../../../src/der/object-identifier.ts';
import { encodeName } from '../../../src/x509/names/distinguished-name.ts';
import { critical, extensionValue, generalName, keyOf, makeCa, oid, plain } from './certificate-builder.ts';
import { accepted, form, keyIdOf, leafOf, replaced, rows, withLeaf, withRoot } from './profile-rows.ts';
import { middle, type Row, root, three } from './row.ts';

const someId = Buffer.alloc(20, 7);
const authority = (...fields: Uint8Array[]) => plain(sequence(...fields));
const keyIdField = (id: Uint8Array) => derValue(0x80, id);
const issuerField = derValue(0xa1, derValue(0xa4, encodeName({ commonName: 'Root' })));
const serialField = derValue(0x82, Uint8Array.of(1));
const access = (...locations: Uint8Array[]) =>
  plain(sequence(...locations.map((location) => sequence(encodeObjectIdentifier('1.3.6.1.5.5.7.48.1'), location))));
const time = (tag: number, text: string) => derValue(tag, Buffer.from(text));
const oddDates = (from: Uint8Array, until: Uint8Array) => sequence(from, until);
const usual = time(derTag.utcTime, '200101000000Z');
const later = time(derTag.generalizedTime, '20990101000000Z');

function dates(what: string, from: Uint8Array, until = later): Row[] {
  return rows(`${what}: leaf`, [accepted, form, form], () => withLeaf({ validity: oddDates(from, until) }));
}

const identifiers: Row[] = [
  ...rows('nothing unusual', [accepted, accepted, accepted], () => withLeaf({})),
  ...rows('leaf without an authority key identifier', [accepted, form, form], replaced.leaf(oid.authorityKeyId, null)),
  ...rows('intermediate without one', [accepted, form, form], replaced.middle(oid.authorityKeyId, null)),
  ...rows('root without one', [accepted, accepted, accepted], replaced.root(oid.authorityKeyId, null)),
  ...rows('a cross-signed anchor without one', [accepted, form, form], () => {
    const cross = makeCa({ name: 'Cross', issuer: root, extensions: { [oid.authorityKeyId]: null } });
    return { leaf: leafOf(cross), anchors: [cross] };
  }),
  ...rows('a critical one in the leaf', [accepted, form, form], () =>
    withLeaf({ extensions: { [oid.authorityKeyId]: critical(sequence(keyIdField(keyIdOf('Middle')))) } }),
  ),
  ...rows(
    'leaf without a subject key identifier',
    [accepted, accepted, accepted],
    replaced.leaf(oid.subjectKeyId, null),
  ),
  ...rows(
    'intermediate without a subject key identifier',
    [accepted, form, form],
    replaced.middle(oid.subjectKeyId, null),
  ),
  ...rows('root without a subject key identifier', [accepted, form, form], () =>
    withRoot({ extensions: { [oid.subjectKeyId]: null, [oid.authorityKeyId]: null } }),
  ),
  ...rows(
    'a critical subject key identifier',
    [accepted, form, form],
    replaced.leaf(oid.subjectKeyId, critical(octetString(someId))),
  ),
  ...rows('root with issuer and serial number of itself', [accepted, accepted, form], () =>
    withRoot({
      serial: 1n,
      extensions: { [oid.authorityKeyId]: authority(keyIdField(keyIdOf('Root')), issuerField, serialField) },
    }),
  ),
  ...rows(
    'root with a serial number alone',
    [accepted, accepted, form],
    replaced.root(oid.authorityKeyId, authority(serialField)),
  ),
  ...rows(
    'root whose identifiers differ',
    [accepted, accepted, form],
    replaced.root(oid.authorityKeyId, authority(keyIdField(someId))),
  ),
];

const authoritiesAndForms: Row[] = [
  ...rows(
    'basic constraints of an intermediate that are not critical',
    [accepted, form, form],
    replaced.middle(oid.basicConstraints, plain(extensionValue.basicConstraints(true))),
  ),
  ...rows(
    'basic constraints of a root that are not critical',
    [accepted, form, form],
    replaced.root(oid.basicConstraints, plain(extensionValue.basicConstraints(true))),
  ),
  ...rows('intermediate without key usage', [accepted, form, form], replaced.middle(oid.keyUsage, null)),
  ...rows(
    'keyCertSign in a leaf',
    ['leaf-is-ca', 'leaf-is-ca', 'leaf-is-ca'],
    replaced.leaf(oid.keyUsage, critical(extensionValue.keyUsage('digitalSignature', 'keyCertSign'))),
  ),
  ...rows('a CA certificate as a leaf', ['leaf-is-ca', accepted, 'leaf-is-ca'], () =>
    three({ leaf: middle, intermediates: [] }),
  ),
  ...rows('a CA certificate without a name as a leaf', ['leaf-is-ca', form, 'leaf-is-ca'], () => {
    const names = { [oid.alternativeNames]: critical(sequence(generalName.dns('chat.example'))) };
    return three({ leaf: makeCa({ name: sequence(), issuer: middle, extensions: names }) });
  }),
  ...rows('a CA certificate as a leaf, its path length 0', ['leaf-is-ca', accepted, 'leaf-is-ca'], () =>
    three({ leaf: makeCa({ name: 'Low', issuer: middle, pathLength: 0 }) }),
  ),
  ...rows('serial number 0 of a leaf', [accepted, form, form], () => withLeaf({ serial: 0n })),
  ...rows('serial number 0 of a root', [accepted, accepted, accepted], () => withRoot({ serial: 0n })),
  ...rows('serial number of 21 bytes', [accepted, form, form], () => withLeaf({ serial: 2n ** 161n })),
  ...dates('a date without seconds', time(derTag.utcTime, '2001010000Z')),
  ...dates('a date with an offset', time(derTag.utcTime, '200101000000+0200')),
  ...dates('a date in the wrong form', time(derTag.generalizedTime, '20200101000000Z')),
  ...dates('a fraction of a second', usual, time(derTag.generalizedTime, '20990101000000.5Z')),
  ...rows(
    'key usage of a leaf without bits',
    ['wrong-purpose', 'wrong-purpose', 'wrong-purpose'],
    replaced.leaf(oid.keyUsage, critical(Buffer.from('030100', 'hex'))),
  ),
  ...rows(
    'a critical access description',
    ['unknown-critical-extension', 'unknown-critical-extension', 'unknown-critical-extension'],
    replaced.leaf(
      oid.authorityInformation,
      critical(access(generalName.uri('http://a.example'))?.value ?? Buffer.alloc(0)),
    ),
  ),
  ...rows(
    'a malformed access description',
    [accepted, accepted, 'malformed'],
    replaced.leaf(oid.authorityInformation, plain(extensionValue.null())),
  ),
  ...rows(
    'an access description that is a URI',
    [accepted, accepted, accepted],
    replaced.leaf(oid.authorityInformation, access(generalName.uri('http://a.example'))),
  ),
  ...rows(
    'a second access description that is not a URI',
    [accepted, accepted, form],
    replaced.leaf(oid.authorityInformation, access(generalName.uri('http://a.example'), generalName.dns('a.example'))),
  ),
  ...rows('a leaf with the name of its issuer', [accepted, accepted, accepted], () => {
    const ca = makeCa({ name: 'chat.example', issuer: root });
    return three({ leaf: leafOf(ca, { keys: keyOf('leaf with the name of its issuer') }), intermediates: [ca] });
  }),
  ...rows(
    'an access description that is not a URI',
    [accepted, accepted, form],
    replaced.leaf(oid.authorityInformation, access(generalName.dns('a.example'))),
  ),
];

/** The rows of this file. */
export const profileRows: Row[] = [...identifiers, ...authoritiesAndForms];
