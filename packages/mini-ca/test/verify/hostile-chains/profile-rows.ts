/** Helpers of the tables about profiles: a chain has a verdict under each of them. */
import type { VerifyProfile } from '../../../src/index.ts';
import { keyIdentifierOf } from '../../../src/x509/extensions.ts';
import { type ExtensionOverride, keyOf, type Made, makeCa, makeLeaf, type Parts } from './certificate-builder.ts';
import { type Chain, middle, type Row, root, three } from './row.ts';

/** The verdict under each profile, in the order tls, rfc5280, webpki. */
type Verdicts = readonly [string, string, string];

export const onlyHere = 'peers have no such profiles';
export const accepted = 'accepted';
export const form = 'not-conforming';
const profileNames: readonly VerifyProfile[] = ['tls', 'rfc5280', 'webpki'];

export function rows(what: string, verdicts: Verdicts, chain: () => Chain): Row[] {
  return profileNames.map((profile, i) => ({
    what: `${profile}: ${what}`,
    verdict: verdicts[i] ?? '',
    onlyHere,
    chain: () => {
      const made = chain();
      return { ...made, options: { ...made.options, profile } };
    },
  }));
}

/** Returns chains whose leaf, intermediate or anchor has one extension replaced or removed. */
export const replaced = {
  leaf: (id: string, extension: ExtensionOverride) => () => withLeaf({ extensions: { [id]: extension } }),
  middle: (id: string, extension: ExtensionOverride) => () => withMiddle({ extensions: { [id]: extension } }),
  root: (id: string, extension: ExtensionOverride) => () => withRoot({ extensions: { [id]: extension } }),
};

/** A leaf whose common name is one of its alternative names, as the web's CAs must write it. */
export function leafOf(issuer: Made, parts: Parts = {}): Made {
  return makeLeaf({ name: 'chat.example', issuer, ...parts });
}

export function withLeaf(parts: Parts): Chain {
  return three({ leaf: leafOf(middle, parts) });
}

function withMiddle(parts: Parts): Chain {
  const ca = makeCa({ name: 'Odd middle', issuer: root, ...parts });
  return three({ leaf: leafOf(ca), intermediates: [ca] });
}

export function withRoot(parts: Parts): Chain {
  return three({ leaf: leafOf(middle), anchors: [makeCa({ name: 'Root', ...parts })] });
}

export function keyIdOf(label: string): Uint8Array {
  return keyIdentifierOf(keyOf(label).publicKey.export({ type: 'spki', format: 'der' }));
}
