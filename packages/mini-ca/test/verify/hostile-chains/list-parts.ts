/** Lists that cover a part of an issuer's certificates, by distribution point or by kind (RFC 5280 sections 5.2.5 and 6.3.3). */
import { derValue, sequence } from '../../../src/der/der-writer.ts';
import { encodeName } from '../../../src/x509/names/distinguished-name.ts';
import { critical, extensionValue, generalName, makeLeaf, oid, plain } from './certificate-builder.ts';
import { makeList } from './crl-builder.ts';
import { rootList, withList } from './crl-rows.ts';
import { type Chain, middle, type Row, root, three } from './row.ts';

const yes = Uint8Array.of(0xff);
const uri = (name: string) => generalName.uri(`http://lists.example/${name}`);
const fullName = (...names: Uint8Array[]) => derValue(0xa0, derValue(0xa0, ...names));
const relativeName = derValue(0xa0, derValue(0xa1, encodeName({ commonName: 'part' }).subarray(4)));
const onlyUsers = derValue(0x81, yes);
const onlyCas = derValue(0x82, yes);
const someReasons = derValue(0x83, Uint8Array.of(6, 0x40));
const indirect = derValue(0x84, yes);
const onlyAttributes = derValue(0x85, yes);

/** A leaf that names these distribution points. */
function leafAt(...points: Uint8Array[]) {
  return makeLeaf({ issuer: middle, extensions: { [oid.listPoints]: plain(sequence(...points)) } });
}

const one = fullName(uri('one'));
const inOne = leafAt(sequence(one));

/** A list of the intermediate with this issuing distribution point, and a leaf in the part `one`. */
function part(issuingPoint: Uint8Array[], leaf = inOne): Chain {
  return withList({ extensions: { [oid.distributionPoint]: critical(sequence(...issuingPoint)) } }, { leaf });
}

const refused = 'list-not-understood';
const notUri = 'stricter: names of other forms are not compared, and BR 7.2.2.1 forbids them';

function row(what: string, verdict: string, chain: () => Chain, openssl?: string): Row {
  return {
    what: `part of a list: ${what}`,
    verdict,
    chain,
    ...(verdict !== 'accepted' && { at: 0 }),
    ...(openssl !== undefined && { openssl: { clause: openssl } }),
  };
}

/** The rows of this file. */
export const listParts: Row[] = [
  row('the certificate’s point', 'accepted', () => part([one])),
  row('the certificate’s point, which has two names', 'accepted', () => part([fullName(uri('other'), uri('one'))])),
  row('the certificate’s second point', 'accepted', () =>
    part([one], leafAt(sequence(fullName(uri('other'))), sequence(one))),
  ),
  row('another point', refused, () => part([fullName(uri('two'))])),
  row('the same point in another spelling', refused, () => part([fullName(uri('%6fne'))])),
  row('a point of a certificate that names none', refused, () => part([one], makeLeaf({ issuer: middle }))),
  row('the certificate’s point for some reasons', refused, () =>
    part([one], leafAt(sequence(one, derValue(0x81, Uint8Array.of(6, 0x40))))),
  ),
  row('the certificate’s point with another issuer', refused, () =>
    part([one], leafAt(sequence(one, derValue(0xa2, generalName.directory(root.name))))),
  ),
  row(
    'a point that also has a name that is no URI',
    refused,
    () => part([fullName(uri('one'), generalName.dns('lists.example'))]),
    notUri,
  ),
  row(
    'a point of the certificate that also has a name that is no URI',
    refused,
    () => part([one], leafAt(sequence(fullName(uri('one'), generalName.dns('lists.example'))))),
    notUri,
  ),
  row('a point relative to the issuer', refused, () => part([relativeName])),
  row('points of the certificate that cannot be read', refused, () =>
    part([one], makeLeaf({ issuer: middle, extensions: { [oid.listPoints]: plain(extensionValue.null()) } })),
  ),
  row('end entities', 'accepted', () => part([onlyUsers])),
  row('end entities at the certificate’s point', 'accepted', () => part([one, onlyUsers])),
  row('CAs', refused, () => part([onlyCas])),
  row('end entities and CAs, which excludes all', refused, () => part([onlyUsers, onlyCas])),
  row('attribute certificates', refused, () => part([onlyAttributes])),
  row('some reasons at the certificate’s point', refused, () => part([one, someReasons])),
  row('other issuers at the certificate’s point', refused, () => part([one, indirect])),
  row('nothing, because the extension is empty', refused, () => part([]), '5.2.5: the sequence must not be empty'),
  row('CAs, for a CA', 'accepted', () => {
    const list = makeList({ issuer: root, extensions: { [oid.distributionPoint]: critical(sequence(onlyCas)) } });
    return three({ crls: [makeList({ issuer: middle }), list] });
  }),
  {
    ...row('end entities, for a CA', refused, () => {
      const list = makeList({ issuer: root, extensions: { [oid.distributionPoint]: critical(sequence(onlyUsers)) } });
      return three({ crls: [makeList({ issuer: middle }), list] });
    }),
    at: 1,
  },
  row('the certificate’s point, in which it is revoked', 'revoked', () =>
    withList({ revoked: [inOne], extensions: { [oid.distributionPoint]: critical(sequence(one)) } }, { leaf: inOne }),
  ),
  row(
    'another point, in which it is revoked, beside its own',
    'revoked',
    () => {
      const [own, other] = ['one', 'two'].map((name) => ({
        [oid.distributionPoint]: critical(sequence(fullName(uri(name)))),
      }));
      const crls = [
        makeList({ issuer: middle, extensions: own ?? {} }),
        makeList({ issuer: middle, revoked: [inOne], extensions: other ?? {} }),
        rootList,
      ];
      return three({ leaf: inOne, crls });
    },
    'stricter: an entry in any list of the issuer revokes',
  ),
];
