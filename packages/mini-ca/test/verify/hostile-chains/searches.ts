/** Chains with several paths, and many certificates without any path. */
import {
  critical,
  days,
  generalName,
  keyOf,
  type Made,
  makeCa,
  makeLeaf,
  nameConstraints,
  oid,
} from './certificate-builder.ts';
import { leaf, middle, type Row, root, stranger, three } from './row.ts';

/** As many certificates as there are pairs: each of the CAs signed by each of the others. */
function mesh(size: number, top?: Made): Made[] {
  const cas = Array.from({ length: size }, (_, i) => makeCa({ name: `Mesh ${i}` }));
  const crossed = cas.flatMap((issuer, i) =>
    cas.flatMap((_, j) => (i === j ? [] : [makeCa({ name: `Mesh ${j}`, issuer })])),
  );
  return top === undefined ? crossed : [...crossed, makeCa({ name: `Mesh ${size - 1}`, issuer: top })];
}

/** Layers of CAs of one name with different keys: each certificate is by one of the layer above, all look alike. */
function bush(layers: number, width: number): Made[] {
  const made: Made[] = [];
  const extensions = { [oid.authorityKeyId]: null, [oid.subjectKeyId]: null };
  for (let layer = 0; layer < layers; layer++) {
    for (let i = 0; i < width; i++) {
      const issuer = { name: makeCa({ name: `Layer ${layer + 1}` }).name, keys: keyOf(`layer ${layer + 1}, 0`) };
      made.push(makeCa({ name: `Layer ${layer}`, keys: keyOf(`layer ${layer}, ${i}`), issuer, extensions }));
    }
  }
  return made;
}

/** The same CAs, each certified again and again by the one above with the same key. */
function copies(layers: number, width: number, top: Made): Made[] {
  return Array.from({ length: layers }, (_, layer) => {
    const above =
      layer === layers - 1
        ? top
        : { name: makeCa({ name: `Copy ${layer + 1}` }).name, keys: keyOf(`Copy ${layer + 1}`) };
    return Array.from({ length: width }, () => makeCa({ name: `Copy ${layer}`, issuer: above }));
  }).flat();
}

/** The same with the first CA above the last. */
function ring(layers: number, width: number): Made[] {
  return copies(layers, width, { ...newRoot, name: makeCa({ name: 'Copy 0' }).name, keys: keyOf('Copy 0') });
}

const withoutIds = { [oid.authorityKeyId]: null, [oid.subjectKeyId]: null };

/** CAs of one name, each with a key of its own and nothing that says which. */
function namesakes(count: number): Made[] {
  return Array.from({ length: count }, (_, i) =>
    makeCa({ name: 'Namesake', keys: keyOf(`namesake ${i}`), issuer: root, extensions: withoutIds }),
  );
}

/** CAs below each other, each with as many constraints as there may be. */
function constrained(layers: number): Made[] {
  const permitted = Array.from({ length: 500 }, (_, i) => generalName.dns(i === 499 ? 'example' : `no${i}.example`));
  const made: Made[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const extensions = { [oid.nameConstraints]: critical(nameConstraints({ permitted })) };
    made.unshift(makeCa({ name: `Bound ${layer}`, issuer: made[0] ?? root, extensions }));
  }
  return made;
}

/** A leaf of the CA of this name, whichever of its certificates. */
function leafOf(name: string): Made {
  return makeLeaf({ issuer: makeCa({ name }) });
}

const newRoot = makeCa({ name: 'New root' });
const crossed = makeCa({ name: 'New root', issuer: root });
const underNew = makeLeaf({ issuer: newRoot });
const [stale, strict] = [
  makeCa({ name: 'Middle', issuer: root, notBefore: days(-3), notAfter: days(-2) }),
  makeCa({
    name: 'Middle',
    issuer: root,
    notAfter: days(9),
    extensions: { [oid.nameConstraints]: critical(nameConstraints({ excluded: [generalName.dns('example')] })) },
  }),
];
const unlike = makeCa({ name: 'Middle', keys: keyOf('unlike'), issuer: root, notAfter: days(9) });

export const searches: Row[] = [
  {
    what: 'a new root that the old one has signed: who trusts the old one',
    chain: () => ({ leaf: underNew, anchors: [root], intermediates: [crossed] }),
    verdict: 'accepted',
  },
  {
    what: 'the same: who trusts the new one',
    chain: () => ({ leaf: underNew, anchors: [newRoot], intermediates: [crossed] }),
    verdict: 'accepted',
  },
  {
    what: 'a new key of the same name, signed with the old one',
    chain: () => {
      const again = makeCa({ name: 'Root', keys: keyOf('Root’s new key'), issuer: root });
      return { leaf: makeLeaf({ issuer: again }), anchors: [root], intermediates: [again] };
    },
    verdict: 'accepted',
  },
  {
    what: 'the same below a path length of 0',
    chain: () => {
      const top = makeCa({ name: 'Short', pathLength: 0 });
      const again = makeCa({ name: 'Short', keys: keyOf('Short’s new key'), issuer: top });
      return { leaf: makeLeaf({ issuer: again }), anchors: [top], intermediates: [again] };
    },
    verdict: 'accepted',
  },
  {
    what: 'an expired certificate of the intermediate beside a good one',
    chain: () => three({ intermediates: [stale, middle] }),
    verdict: 'accepted',
  },
  { what: 'only expired ones', chain: () => three({ intermediates: [stale] }), verdict: 'expired', at: 1 },
  {
    what: 'a namesake with another key beside the good one',
    chain: () => three({ intermediates: [unlike, middle] }),
    verdict: 'accepted',
  },
  {
    what: 'a constrained certificate of the intermediate beside a free one',
    chain: () => three({ intermediates: [strict, middle] }),
    verdict: 'accepted',
    openssl: { clause: '6.1: one valid path is enough, and it is for the validator to find it (RFC 4158)' },
  },
  {
    what: 'CAs that signed each other all ways, one of them signed by the root',
    chain: () => {
      const thicket = mesh(5, root);
      return {
        leaf: leafOf('Mesh 0'),
        anchors: [root],
        intermediates: thicket,
      };
    },
    verdict: 'accepted',
    onlyHere: 'openssl does not turn back',
  },
  {
    what: 'the same without the root',
    chain: () => ({
      leaf: leafOf('Mesh 0'),
      anchors: [root],
      intermediates: mesh(4),
    }),
    verdict: 'unknown-issuer',
  },
  {
    what: 'ten CAs that signed each other all ways',
    chain: () => ({
      leaf: leafOf('Mesh 0'),
      anchors: [root],
      intermediates: mesh(10),
    }),
    verdict: 'search-limit',
  },
  {
    what: 'eight layers of twelve namesakes without key identifiers',
    chain: () => ({
      leaf: makeLeaf({
        issuer: { name: makeCa({ name: 'Layer 0' }).name, keys: keyOf('layer 0, 0') },
        extensions: { [oid.authorityKeyId]: null },
      }),
      anchors: [root],
      intermediates: bush(8, 12),
    }),
    verdict: 'unknown-issuer',
  },
  {
    what: 'twelve certificates of each of eight CAs, and no root',
    chain: () => ({
      leaf: leafOf('Copy 0'),
      anchors: [root],
      intermediates: copies(8, 12, newRoot),
    }),
    verdict: 'unknown-issuer',
  },
  {
    what: 'three certificates of each of five CAs, and a root',
    chain: () => ({
      leaf: leafOf('Copy 0'),
      anchors: [root],
      intermediates: copies(5, 3, root),
    }),
    verdict: 'accepted',
  },
  {
    what: 'three certificates of each of eight CAs, in a ring',
    chain: () => ({
      leaf: leafOf('Copy 0'),
      anchors: [root],
      intermediates: ring(8, 3),
    }),
    verdict: 'search-limit',
  },
  {
    what: 'a hundred namesakes of the issuer, which is none of them',
    chain: () => ({
      leaf: makeLeaf({ issuer: { name: makeCa({ name: 'Namesake' }).name, keys: stranger }, extensions: withoutIds }),
      anchors: [makeCa({ name: 'Namesake' })],
      intermediates: namesakes(100),
    }),
    verdict: 'search-limit',
  },
  {
    what: 'a namesake of the issuer that is given 99 times before it',
    chain: () => {
      const issuer = makeCa({ name: 'Namesake', issuer: root, extensions: withoutIds });
      const other = makeCa({
        name: 'Namesake',
        keys: stranger,
        issuer: root,
        notAfter: days(900),
        extensions: withoutIds,
      });
      return three({
        leaf: makeLeaf({ issuer, extensions: withoutIds }),
        intermediates: [...Array.from({ length: 99 }, () => other), issuer],
      });
    },
    verdict: 'accepted',
    onlyHere: 'OpenSSL takes the first namesake only.',
  },
  {
    what: 'a hundred names under three thousand constraints',
    chain: () => {
      const intermediates = constrained(6);
      const [issuer = root] = intermediates;
      const names = Array.from({ length: 100 }, (_, i) => generalName.dns(`chat${i}.example`));
      return { leaf: makeLeaf({ issuer, names }), anchors: [root], intermediates };
    },
    verdict: 'search-limit',
    openssl: { clause: '6.1 has no bound on work; the bounds are ours' },
  },
  {
    what: 'over a hundred intermediates',
    chain: () => three({ intermediates: Array<Made>(101).fill(middle) }),
    verdict: 'bad-argument',
    openssl: { clause: 'no clause: a bound of ours' },
  },
  { what: 'an intermediate twice', chain: () => three({ intermediates: [middle, middle] }), verdict: 'accepted' },
  {
    what: 'the leaf among the intermediates',
    chain: () => three({ intermediates: [leaf, middle] }),
    verdict: 'accepted',
  },
  {
    what: 'intermediates in the wrong order',
    chain: () => {
      const below = makeCa({ name: 'Below', issuer: middle });
      return { leaf: makeLeaf({ issuer: below }), anchors: [root], intermediates: [middle, below] };
    },
    verdict: 'accepted',
  },
  { what: 'an intermediate as the anchor', chain: () => ({ leaf, anchors: [middle] }), verdict: 'accepted' },
  {
    what: 'a self-signed server that is pinned',
    chain: () => {
      const self = makeLeaf({ issuer: { name: makeCa({ name: 'Self' }).name, keys: keyOf('Self') }, name: 'Self' });
      return { leaf: self, anchors: [], options: { pinned: [self.pem] } };
    },
    verdict: 'accepted',
    onlyHere: 'no such option',
  },
  {
    what: 'an expired server that is pinned',
    chain: () => {
      const self = makeLeaf({ issuer: middle, notBefore: days(-3), notAfter: days(-2) });
      return { leaf: self, anchors: [], options: { pinned: [self.pem] } };
    },
    verdict: 'expired',
    at: 0,
    onlyHere: 'no such option',
  },
  {
    what: 'another server of the same issuer is pinned',
    chain: () => ({ leaf, anchors: [], options: { pinned: [makeLeaf({ issuer: middle }).pem] } }),
    verdict: 'unknown-issuer',
    at: 0,
    onlyHere: 'no such option',
  },
  {
    what: 'a pinned certificate as an issuer',
    chain: () => three({ anchors: [], options: { pinned: [middle.pem] } }),
    verdict: 'unknown-issuer',
    at: 1,
    onlyHere: 'no such option',
  },
];
