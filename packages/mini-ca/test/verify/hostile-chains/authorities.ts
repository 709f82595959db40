/** Chains in which a CA may not do what it does, or a certificate is not valid at the time. */
import { sequence } from '../../../src/der/der-writer.ts';
import { critical, days, extensionValue, type Made, makeCa, makeLeaf, oid } from './certificate-builder.ts';
import { type Chain, middle, only, type Row, three, withLeaf, withMiddle, withRoot } from './row.ts';

const [EXPIRED, FUTURE] = [
  { notBefore: days(-3), notAfter: days(-2) },
  { notBefore: days(2), notAfter: days(3) },
];

/** Root, then as many CAs as there are path lengths (undefined: none given), then a leaf. */
function ladder(...lengths: (number | undefined)[]): Chain {
  const [first, ...others] = lengths;
  const top = makeCa({ name: 'Ladder', ...(first !== undefined && { pathLength: first }) });
  const intermediates: Made[] = [];
  for (const [i, pathLength] of others.entries()) {
    const name = `Rung ${i + 1}`;
    intermediates.unshift(
      makeCa({ name, issuer: intermediates[0] ?? top, ...(pathLength !== undefined && { pathLength }) }),
    );
  }
  return { leaf: makeLeaf({ issuer: intermediates[0] ?? top }), anchors: [top], intermediates };
}

const noCa = critical(extensionValue.basicConstraints(false));

export const authorities: Row[] = [
  { what: 'leaf expired', chain: () => withLeaf(EXPIRED), verdict: 'expired', at: 0 },
  { what: 'leaf not yet valid', chain: () => withLeaf(FUTURE), verdict: 'not-yet-valid', at: 0 },
  { what: 'intermediate expired', chain: () => withMiddle(EXPIRED), verdict: 'expired', at: 1 },
  { what: 'intermediate not yet valid', chain: () => withMiddle(FUTURE), verdict: 'not-yet-valid', at: 1 },
  { what: 'anchor expired', chain: () => withRoot(EXPIRED), verdict: 'expired', at: 2 },
  { what: 'anchor not yet valid', chain: () => withRoot(FUTURE), verdict: 'not-yet-valid', at: 2 },
  {
    what: 'CA:FALSE intermediate',
    chain: () => withMiddle(only(oid.basicConstraints, noCa)),
    verdict: 'not-a-ca',
    at: 1,
  },
  { what: 'CA:FALSE anchor', chain: () => withRoot(only(oid.basicConstraints, noCa)), verdict: 'not-a-ca', at: 2 },
  {
    what: 'no basic constraints: intermediate',
    chain: () => withMiddle(only(oid.basicConstraints, null)),
    verdict: 'not-a-ca',
    at: 1,
  },
  {
    what: 'no basic constraints: anchor',
    chain: () => withRoot(only(oid.basicConstraints, null)),
    verdict: 'not-a-ca',
    at: 2,
  },
  {
    what: 'a leaf as an issuer',
    chain: () => {
      const between = makeLeaf({ issuer: middle, name: 'Between' });
      return three({ leaf: makeLeaf({ issuer: between }), intermediates: [between, middle] });
    },
    verdict: 'not-a-ca',
    at: 1,
  },
  {
    what: 'intermediate without keyCertSign',
    chain: () => withMiddle(only(oid.keyUsage, critical(extensionValue.keyUsage('cRLSign', 'digitalSignature')))),
    verdict: 'not-a-ca',
    at: 1,
  },
  {
    what: 'anchor without keyCertSign',
    chain: () => withRoot(only(oid.keyUsage, critical(extensionValue.keyUsage('cRLSign')))),
    verdict: 'not-a-ca',
    at: 2,
  },
  {
    what: 'intermediate without key usage',
    chain: () => withMiddle(only(oid.keyUsage, null)),
    verdict: 'accepted',
    openssl: { clause: '6.1.4 (n): only if it is present' },
  },
  { what: 'version 1 intermediate', chain: () => withMiddle({ version: 1 }), verdict: 'malformed' },
  {
    what: 'an intermediate without a name',
    chain: () => withMiddle({ name: sequence() }),
    verdict: 'not-a-ca',
    at: 1,
  },
  { what: 'path length 0 above one CA', chain: () => ladder(0, undefined), verdict: 'path-too-long', at: 2 },
  {
    what: 'path length 1 above two CAs',
    chain: () => ladder(1, undefined, undefined),
    verdict: 'path-too-long',
    at: 3,
  },
  {
    what: 'path length 0 in the middle',
    chain: () => ladder(undefined, 0, undefined),
    verdict: 'path-too-long',
    at: 2,
  },
  {
    what: 'a path length below that allows more than the one above',
    chain: () => ladder(0, 5),
    verdict: 'path-too-long',
    at: 2,
  },
  { what: 'path lengths just enough', chain: () => ladder(2, 1, 0), verdict: 'accepted' },
  { what: 'eight intermediates', chain: () => ladder(...Array<undefined>(9).fill(undefined)), verdict: 'accepted' },
  {
    what: 'nine intermediates',
    chain: () => ladder(...Array<undefined>(10).fill(undefined)),
    verdict: 'path-too-long',
    openssl: { clause: '6.1 has no bound; 8 intermediates are the bound here' },
  },
];
