/** Chains of which a link does not hold: another key, another name, no way to an anchor. */
import { derTag, derValue, sequence } from '../../../src/der/der-writer.ts';
import { encodeObjectIdentifier } from '../../../src/der/object-identifier.ts';
import { extensionValue, keyOf, makeCa, makeLeaf, oid, plain } from './certificate-builder.ts';
import { leaf, middle, type Row, root, stranger, three } from './row.ts';

const otherRoot = makeCa({ name: 'Other root' });
const namesake = makeCa({ name: 'Root', keys: keyOf('another root’s') });
const loopA = { name: makeCa({ name: 'Loop A' }).name, keys: keyOf('Loop A') };
const loopB = { name: makeCa({ name: 'Loop B' }).name, keys: keyOf('Loop B') };
const wrongKeyId = plain(extensionValue.authorityKeyId(new Uint8Array(20).fill(7)));

function printableName(text: string): Uint8Array {
  const value = derValue(derTag.printableString, Buffer.from(text));
  return sequence(derValue(derTag.set, sequence(encodeObjectIdentifier('2.5.4.3'), value)));
}

export const links: Row[] = [
  { what: 'no anchor at all', chain: () => three({ anchors: [] }), verdict: 'unknown-issuer', at: 1 },
  { what: 'another anchor', chain: () => three({ anchors: [otherRoot] }), verdict: 'unknown-issuer', at: 1 },
  { what: 'the intermediate is missing', chain: () => three({ intermediates: [] }), verdict: 'unknown-issuer', at: 0 },
  {
    what: 'the root only among the intermediates',
    chain: () => three({ anchors: [otherRoot], intermediates: [middle, root] }),
    verdict: 'unknown-issuer',
    at: 2,
  },
  {
    what: 'an anchor of the same name with another key',
    chain: () => three({ anchors: [namesake] }),
    verdict: 'key-identifier-mismatch',
    at: 1,
  },
  {
    what: 'a leaf signed by another key in the intermediate’s name',
    chain: () => three({ leaf: makeLeaf({ issuer: middle, signer: stranger.privateKey }) }),
    verdict: 'bad-signature',
    at: 0,
  },
  {
    what: 'an intermediate signed by another key in the root’s name',
    chain: () => {
      const forged = makeCa({ name: 'Forged', issuer: root, signer: stranger.privateKey });
      return three({ leaf: makeLeaf({ issuer: forged }), intermediates: [forged] });
    },
    verdict: 'bad-signature',
    at: 1,
  },
  {
    what: 'the same without any key identifier',
    chain: () => {
      const extensions = { [oid.authorityKeyId]: null };
      const forged = makeCa({ name: 'Forged', issuer: root, signer: stranger.privateKey, extensions });
      return three({ leaf: makeLeaf({ issuer: forged }), intermediates: [forged] });
    },
    verdict: 'bad-signature',
    at: 1,
  },
  {
    what: 'an authority key identifier of another key, though the signature holds: leaf',
    chain: () => three({ leaf: makeLeaf({ issuer: middle, extensions: { [oid.authorityKeyId]: wrongKeyId } }) }),
    verdict: 'key-identifier-mismatch',
    at: 0,
  },
  {
    what: 'the same: intermediate',
    chain: () => {
      const ca = makeCa({ name: 'Mismatch', issuer: root, extensions: { [oid.authorityKeyId]: wrongKeyId } });
      return three({ leaf: makeLeaf({ issuer: ca }), intermediates: [ca] });
    },
    verdict: 'key-identifier-mismatch',
    at: 1,
  },
  {
    what: 'no key identifiers anywhere',
    chain: () => {
      const extensions = { [oid.authorityKeyId]: null, [oid.subjectKeyId]: null };
      const [top, ca] = [makeCa({ name: 'Root', extensions }), makeCa({ name: 'Middle', issuer: root, extensions })];
      return three({ leaf: makeLeaf({ issuer: ca, extensions }), anchors: [top], intermediates: [ca] });
    },
    verdict: 'accepted',
    openssl: { clause: '4.2.1.1 obliges CAs; validation (6.1) does not look at key identifiers' },
  },
  {
    what: 'two CAs that signed only each other',
    chain: () => {
      const [a, b] = [makeCa({ name: 'Loop A', issuer: loopB }), makeCa({ name: 'Loop B', issuer: loopA })];
      return three({ leaf: makeLeaf({ issuer: a }), intermediates: [a, b] });
    },
    verdict: 'unknown-issuer',
    at: 2,
  },
  {
    what: 'a self-signed leaf that is no anchor',
    chain: () =>
      three({ leaf: makeLeaf({ issuer: { name: makeCa({ name: 'Self' }).name, keys: keyOf('Self') }, name: 'Self' }) }),
    verdict: 'unknown-issuer',
    at: 0,
  },
  {
    what: 'the issuer’s name in another case and type of string',
    chain: () => three({ leaf: makeLeaf({ issuer: { name: printableName('mIDDLE'), keys: middle.keys } }) }),
    verdict: 'accepted',
  },
  {
    what: 'the issuer’s name with another word in it',
    chain: () => three({ leaf: makeLeaf({ issuer: { name: printableName('Middle man'), keys: middle.keys } }) }),
    verdict: 'unknown-issuer',
    at: 0,
  },
  {
    what: 'SHA-1 under the leaf',
    chain: () => three({ leaf: makeLeaf({ issuer: middle, digest: 'sha1' }) }),
    verdict: 'weak-digest',
    at: 0,
  },
  {
    what: 'SHA-1 under the intermediate',
    chain: () => {
      const ca = makeCa({ name: 'Old', issuer: root, digest: 'sha1' });
      return three({ leaf: makeLeaf({ issuer: ca }), intermediates: [ca] });
    },
    verdict: 'weak-digest',
    at: 1,
  },
  {
    what: 'SHA-1 under the anchor itself',
    chain: () => three({ anchors: [makeCa({ name: 'Root', digest: 'sha1' })] }),
    verdict: 'accepted',
  },
  { what: 'as it should be', chain: () => three({ leaf }), verdict: 'accepted' },
];
