/** Chains with a revoked certificate, or without a valid revocation list (RFC 5280 sections 5 and 6.3). */
import { derValue, integer, sequence } from '../../../src/der/der-writer.ts';
import { critical, days, extensionValue, generalName, keyOf, makeCa, makeLeaf, oid } from './certificate-builder.ts';
import { makeList } from './crl-builder.ts';
import { reason, rootList, withList } from './crl-rows.ts';
import { leaf, middle, type Row, root, stranger, three } from './row.ts';

const sibling = makeLeaf({ issuer: middle, name: 'sibling' });
const unknown = critical(extensionValue.null());

const notForLists = makeCa({
  name: 'No lists',
  issuer: root,
  extensions: { [oid.keyUsage]: critical(extensionValue.keyUsage('keyCertSign')) },
});

export const revocations: Row[] = [
  { what: 'on no list', chain: () => withList({}), verdict: 'accepted' },
  { what: 'another certificate is revoked', chain: () => withList({ revoked: [sibling] }), verdict: 'accepted' },
  { what: 'the leaf is revoked', chain: () => withList({ revoked: [sibling, leaf] }), verdict: 'revoked', at: 0 },
  {
    what: 'the leaf is revoked, with a reason',
    chain: () => withList({ revoked: [leaf], ...reason(1) }),
    verdict: 'revoked',
    at: 0,
  },
  { what: 'the leaf is on hold', chain: () => withList({ revoked: [leaf], ...reason(6) }), verdict: 'revoked', at: 0 },
  {
    what: 'the intermediate is revoked',
    chain: () => three({ crls: [makeList({ issuer: middle }), makeList({ issuer: root, revoked: [middle] })] }),
    verdict: 'revoked',
    at: 1,
  },
  {
    what: 'no list of the root',
    chain: () => three({ crls: [makeList({ issuer: middle })] }),
    verdict: 'revocation-unknown',
    at: 1,
  },
  {
    what: 'no list of the intermediate',
    chain: () => three({ crls: [rootList] }),
    verdict: 'revocation-unknown',
    at: 0,
  },
  {
    what: 'no lists, and they were asked for',
    chain: () => three({ crls: [] }),
    verdict: 'revocation-unknown',
    at: 1,
    onlyHere: 'openssl needs a file',
  },
  {
    what: 'no list of the intermediate, which was allowed',
    chain: () => three({ crls: [rootList], options: { unknownRevocation: 'allow' } }),
    verdict: 'accepted',
    onlyHere: 'openssl has no such choice',
  },
  {
    what: 'revoked, where unknown ones are allowed',
    chain: () => withList({ revoked: [leaf] }, { options: { unknownRevocation: 'allow' } }),
    verdict: 'revoked',
    at: 0,
  },
  {
    what: 'a stale list',
    chain: () => withList({ thisUpdate: days(-3), nextUpdate: days(-1) }),
    verdict: 'list-expired',
    at: 0,
  },
  {
    what: 'a stale list, where unknown ones are allowed',
    chain: () => withList({ thisUpdate: days(-3), nextUpdate: days(-1) }, { options: { unknownRevocation: 'allow' } }),
    verdict: 'list-expired',
    at: 0,
  },
  {
    what: 'a list in its first second',
    chain: () => withList({ thisUpdate: days(0), nextUpdate: days(1) }),
    verdict: 'accepted',
  },
  {
    what: 'a list in its last second',
    chain: () => withList({ thisUpdate: days(-1), nextUpdate: days(0) }),
    verdict: 'accepted',
    onlyHere: 'OpenSSL ends a list with the second before.',
  },
  {
    what: 'a list of tomorrow',
    chain: () => withList({ thisUpdate: days(1), nextUpdate: days(2) }),
    verdict: 'list-not-yet-valid',
    at: 0,
  },
  {
    what: 'a stale list and its successor',
    chain: () =>
      three({
        crls: [
          makeList({ issuer: middle, thisUpdate: days(-3), nextUpdate: days(-1), revoked: [leaf] }),
          makeList({ issuer: middle }),
          rootList,
        ],
      }),
    verdict: 'accepted',
  },
  {
    what: 'a list that another key signed',
    chain: () => withList({ signer: stranger }),
    verdict: 'list-bad-signature',
    at: 0,
  },
  {
    what: 'a list of another key of the same name',
    chain: () => three({ crls: [makeList({ issuer: { name: middle.name, keys: stranger } }), rootList] }),
    verdict: 'revocation-unknown',
    at: 0,
  },
  {
    what: 'a list of the same key in another name',
    chain: () => three({ crls: [makeList({ issuer: { name: root.name, keys: middle.keys } }), rootList] }),
    verdict: 'revocation-unknown',
    at: 0,
  },
  {
    what: 'a list of a CA that may not sign lists',
    chain: () =>
      three({
        leaf: makeLeaf({ issuer: notForLists }),
        intermediates: [notForLists],
        crls: [makeList({ issuer: notForLists }), rootList],
      }),
    verdict: 'not-a-list-issuer',
    at: 0,
  },
  {
    what: 'a list that names no key',
    chain: () => withList({ extensions: { [oid.authorityKeyId]: null } }),
    verdict: 'accepted',
  },
  {
    what: 'a list of a CA that names no key',
    chain: () => {
      const ca = makeCa({ name: 'No id', issuer: root, extensions: { [oid.subjectKeyId]: null } });
      return three({
        leaf: makeLeaf({ issuer: ca, extensions: { [oid.authorityKeyId]: null } }),
        intermediates: [ca],
        crls: [makeList({ issuer: ca }), rootList],
      });
    },
    verdict: 'accepted',
    openssl: { clause: '6.3.3 (b): the name and the signature decide; 4.2.1.2 does not oblige validators' },
  },
  {
    what: 'sixty stale lists of a CA that is on two paths',
    chain: () => {
      const dates = { thisUpdate: days(-3), nextUpdate: days(-1) };
      const stale = Array.from({ length: 60 }, () => makeList({ issuer: middle, ...dates }));
      return three({ anchors: [root, makeCa({ name: 'Root', notAfter: days(2) })], crls: [...stale, rootList] });
    },
    verdict: 'list-expired',
    at: 0,
    onlyHere: 'other validators do not bound the number of signatures that they verify',
  },
  {
    what: 'a list over SHA-1',
    chain: () => withList({ digest: 'sha1' }),
    verdict: 'weak-digest',
    at: 0,
    openssl: { clause: 'none: SHA-1 has collisions' },
  },
  {
    what: 'an unknown critical extension of the list',
    chain: () => withList({ extensions: { '1.2.3.4': unknown } }),
    verdict: 'list-not-understood',
    at: 0,
  },
  {
    what: 'a delta list',
    chain: () => withList({ extensions: { [oid.deltaIndicator]: critical(integer(1n)) } }),
    verdict: 'list-not-understood',
    at: 0,
    openssl: { clause: '5.2.4: a delta list says nothing without its complete list', until: '3.0.20' },
  },
  {
    what: 'a list of end entities',
    chain: () =>
      withList({ extensions: { [oid.distributionPoint]: critical(sequence(derValue(0x81, Uint8Array.of(0xff)))) } }),
    verdict: 'accepted',
  },
  {
    what: 'an unknown critical extension of an entry',
    chain: () => withList({ revoked: [sibling], entryExtensions: { '1.2.3.4': unknown } }),
    verdict: 'list-not-understood',
    at: 0,
  },
  {
    what: 'an entry of another issuer’s certificate',
    chain: () =>
      withList({
        revoked: [sibling],
        entryExtensions: { [oid.certificateIssuer]: critical(sequence(generalName.directory(root.name))) },
      }),
    verdict: 'list-not-understood',
    at: 0,
    openssl: { clause: '5.3: a validator that does not process it must not use the list' },
  },
  {
    what: 'revoked on one way to the root, not on the other',
    chain: () => {
      const [a, b] = [
        makeCa({ name: 'Two', issuer: root }),
        makeCa({ name: 'Two', issuer: makeCa({ name: 'Second' }) }),
      ];
      const second = makeCa({ name: 'Second', keys: keyOf('Second') });
      return {
        leaf: makeLeaf({ issuer: a }),
        anchors: [root, second],
        intermediates: [a, b],
        crls: [makeList({ issuer: a }), makeList({ issuer: root, revoked: [a] }), makeList({ issuer: second })],
      };
    },
    verdict: 'accepted',
    openssl: { clause: '6.1: one valid path is enough, and it is for the validator to find it (RFC 4158)' },
  },
];
