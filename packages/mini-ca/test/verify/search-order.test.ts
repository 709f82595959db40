/** The order in which `verifyCertificate` tries the issuers that a certificate may have, and the failure that it reports. */
import { expect, test } from 'vitest';
import { CaError, verifyCertificate } from '../../src/index.ts';
import { PathFailures } from '../../src/verify/path-failure.ts';
import { outcomeOf } from '../support/forge.ts';
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
} from './hostile-chains/certificate-builder.ts';
import { type Chain, leaf, middle, optionsOf, root, three } from './hostile-chains/row.ts';

const verify = (chain: Partial<Chain>) => verifyCertificate(leaf.pem, optionsOf(three(chain)));
const pathOf = (chain: Partial<Chain>) => verify(chain).path.map(({ pem }) => pem);

test('prefers an anchor to an intermediate of the same CA', () => {
  const crossed = makeCa({ name: 'Middle', issuer: root, notAfter: days(9) });
  expect(pathOf({ anchors: [root, middle], intermediates: [crossed] })).toEqual([leaf.pem, middle.pem]);
});

test('prefers the certificate of a CA that is valid for longest, in its first moment too', () => {
  const made = (notBefore: Date, notAfter: Date) => makeCa({ name: 'Middle', issuer: root, notBefore, notAfter });
  const pathWith = (...intermediates: Made[]) => pathOf({ intermediates })[1];
  const [long, short] = [made(days(0), days(5)), made(days(-2), days(3))];
  expect([pathWith(long, short), pathWith(short, long)]).toEqual([long.pem, long.pem]);
});

test('checks each pair of certificates once, on however many paths it is', () => {
  const excluded = nameConstraints({ excluded: [generalName.dns('example')] });
  const top = makeCa({ name: 'Root', extensions: { [oid.nameConstraints]: critical(excluded) } });
  const names = ['Layer 0', 'Layer 1', 'Layer 2'];
  const intermediates = names.flatMap((name, layer) => {
    const above = names[layer + 1];
    const issuer = above === undefined ? top : { name: makeCa({ name: above }).name, keys: keyOf(above) };
    return Array.from({ length: 4 }, () => makeCa({ name, issuer }));
  });
  const below = makeLeaf({ issuer: makeCa({ name: 'Layer 0' }) });
  const options = optionsOf({ leaf: below, anchors: [top], intermediates });
  expect(outcomeOf(() => verifyCertificate(below.pem, options))).toBe('name-not-permitted');
});

test('reports the first of the failures that are furthest on a path', () => {
  const failures = new PathFailures();
  const made = (code: ConstructorParameters<typeof CaError>[0], text: string) => new CaError(code, text);
  const [early, first, second] = [made('bad-signature', 'a'), made('expired', 'b'), made('not-yet-valid', 'c')];
  for (const failure of [early, first, second, early]) failures.add(failure);
  expect(failures.best).toBe(first);
});
