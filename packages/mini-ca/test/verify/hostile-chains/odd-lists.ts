/** Revocation lists that are not complete, not current, or not as RFC 5280 section 5 requires. */
import { derTag, derValue, integer, octetString, sequence } from '../../../src/der/der-writer.ts';
import { encodeTime } from '../../../src/der/time.ts';
import { days, generalName, makeCa, oid, plain } from './certificate-builder.ts';
import { makeList } from './crl-builder.ts';
import { reason, rootList, withList } from './crl-rows.ts';
import { leaf, middle, type Row, root, three } from './row.ts';

const onlyCas = sequence(derValue(0x82, Uint8Array.of(0xff)));
const utc = encodeTime(days(-1));
const entryOf = (serial: Uint8Array) => sequence(derValue(derTag.integer, serial), utc);
const noEntry = sequence(octetString(Buffer.from('not an entry')));

/** A scope that an extension states without being critical: openssl ignores it. */
const ignored = { openssl: { clause: '5.2: what an extension means does not depend on whether it is critical' } };

/** A list with a field that is not canonical after the name of its issuer. */
function unreadable(name: string): string {
  const issuer = makeCa({ name });
  return makeList({ issuer, entries: sequence(derValue(derTag.boolean, Uint8Array.of(1))) });
}

export const oddLists: Row[] = [
  {
    what: 'a delta list that does not say so critically',
    chain: () => withList({ extensions: { [oid.deltaIndicator]: plain(integer(1n)) } }),
    verdict: 'list-not-understood',
    at: 0,
    openssl: { clause: '5.2.4: a delta list says nothing without its complete list', until: '3.0.20' },
  },
  {
    what: 'a list of CAs that does not say so critically',
    chain: () => withList({ extensions: { [oid.distributionPoint]: plain(onlyCas) } }),
    verdict: 'list-not-understood',
    at: 0,
  },
  {
    what: 'an indirect list that does not say so critically',
    chain: () =>
      withList({ extensions: { [oid.distributionPoint]: plain(sequence(derValue(0x84, Uint8Array.of(0xff)))) } }),
    verdict: 'list-not-understood',
    at: 0,
  },
  {
    what: 'an entry of another issuer’s certificate that does not say so critically',
    chain: () =>
      withList({
        revoked: [leaf],
        entryExtensions: { [oid.certificateIssuer]: plain(sequence(generalName.directory(root.name))) },
      }),
    verdict: 'list-not-understood',
    at: 0,
    ...ignored,
  },
  {
    what: 'revoked in a delta list, beside a complete list',
    chain: () => {
      const extensions = { [oid.deltaIndicator]: plain(integer(1n)) };
      const delta = makeList({ issuer: middle, revoked: [leaf], extensions });
      return three({ crls: [makeList({ issuer: middle }), delta, rootList] });
    },
    verdict: 'revoked',
    at: 0,
    onlyHere: 'openssl uses one list of an issuer',
  },
  {
    what: 'removed by a delta list, beside a complete list',
    chain: () => {
      const extensions = { [oid.deltaIndicator]: plain(integer(1n)) };
      const delta = makeList({ issuer: middle, revoked: [leaf], extensions, ...reason(8) });
      return three({ crls: [makeList({ issuer: middle }), delta, rootList] });
    },
    verdict: 'accepted',
    onlyHere: 'openssl uses one list of an issuer',
  },
  {
    what: 'an older current list before the one that revokes the leaf',
    chain: () =>
      three({
        crls: [
          makeList({ issuer: middle, thisUpdate: days(-2) }),
          makeList({ issuer: middle, revoked: [leaf] }),
          rootList,
        ],
      }),
    verdict: 'revoked',
    at: 0,
    onlyHere: 'openssl uses one list of an issuer',
  },
  {
    what: 'an empty list of entries',
    chain: () => withList({ entries: sequence() }),
    verdict: 'accepted',
    onlyHere: 'versions of openssl differ about a list that RFC 5280 forbids',
  },
  ...[Uint8Array.of(0), Uint8Array.of(0xff), Buffer.alloc(21, 1)].map((serial) => ({
    what: `an entry with a serial number of ${serial.length} bytes that begins with ${serial[0]}`,
    chain: () => withList({ entries: sequence(entryOf(serial)) }),
    verdict: 'accepted',
    onlyHere: 'versions of openssl differ about a list that RFC 5280 forbids',
  })),
  {
    what: 'an entry that cannot be read',
    chain: () => withList({ entries: sequence(noEntry) }),
    verdict: 'list-not-understood',
    at: 0,
    onlyHere: 'openssl refuses the whole file',
  },
  {
    what: 'revoked beside an entry that cannot be read',
    chain: () => withList({ entries: sequence(noEntry, sequence(integer(leaf.serial), utc)) }),
    verdict: 'revoked',
    at: 0,
    onlyHere: 'openssl refuses the whole file',
  },
  {
    what: 'revoked for a reason without a meaning',
    chain: () => withList({ revoked: [leaf], ...reason(7) }),
    verdict: 'revoked',
    at: 0,
  },
  {
    what: 'a newer list with an entry that cannot be read beside an older complete one',
    chain: () => {
      const older = makeList({ issuer: middle, thisUpdate: days(-2) });
      return three({ crls: [older, makeList({ issuer: middle, entries: sequence(noEntry) }), rootList] });
    },
    verdict: 'list-not-understood',
    at: 0,
    onlyHere: 'openssl refuses the whole file',
  },
  {
    what: 'an older list with an entry that cannot be read beside a newer complete one',
    chain: () => {
      const older = makeList({ issuer: middle, thisUpdate: days(-2), entries: sequence(noEntry) });
      return three({ crls: [older, makeList({ issuer: middle }), rootList] });
    },
    verdict: 'accepted',
    onlyHere: 'openssl refuses the whole file',
  },
  {
    what: 'an unreadable list of a stranger, where unknown ones are allowed',
    chain: () => three({ crls: [unreadable('Stranger')], options: { unknownRevocation: 'allow' } }),
    verdict: 'accepted',
    onlyHere: 'openssl refuses the whole file',
  },
  {
    what: 'an unreadable list of the issuer, where unknown ones are allowed',
    chain: () => three({ crls: [unreadable('Middle')], options: { unknownRevocation: 'allow' } }),
    verdict: 'not-canonical',
    at: 0,
    onlyHere: 'openssl refuses the whole file',
  },
];
