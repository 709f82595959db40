/** The form of the tables of chains, and helpers to make rows. */
import type { VerifyOptions } from '../../../src/index.ts';
import type { Difference } from '../../support/peer-verdicts.ts';
import { type ExtensionOverride, keyOf, type Made, makeCa, makeLeaf, now, type Parts } from './certificate-builder.ts';

/** The certificates and lists of a row. */
export interface Chain {
  readonly leaf: Made;
  readonly anchors: readonly Made[];
  readonly intermediates?: readonly Made[];
  /** PEM. */
  readonly crls?: readonly string[];
  readonly name?: string;
  readonly options?: Partial<VerifyOptions>;
}

export interface Row {
  readonly what: string;
  readonly chain: () => Chain;
  /** `accepted`, or the code of the refusal. */
  readonly verdict: string;
  /** The position of the certificate at fault, where the row says. */
  readonly at?: number;
  /** Set where the verdict of `openssl verify` differs from ours. */
  readonly openssl?: Difference;
  /** The reason for which peers cannot be asked. */
  readonly onlyHere?: string;
}

export function optionsOf({ anchors, intermediates = [], crls, name, options }: Chain): VerifyOptions {
  return {
    anchors: anchors.map(({ pem }) => pem),
    intermediates: intermediates.map(({ pem }) => pem),
    at: now,
    purpose: 'serverAuth',
    ...(crls !== undefined && { crls }),
    ...(name !== undefined && { name }),
    ...options,
  };
}

/** The certificates of most rows. */
export const root = makeCa({ name: 'Root' });
export const middle = makeCa({ name: 'Middle', issuer: root });
export const leaf = makeLeaf({ issuer: middle });
export const stranger = keyOf('stranger');

/** Returns a chain of leaf, one intermediate and root, with some parts replaced. */
export function three(parts: Partial<Chain>): Chain {
  return { leaf, anchors: [root], intermediates: [middle], ...parts };
}

/** Returns the same chain with another intermediate, root or leaf. */
export function withMiddle(parts: Parts & { pathLength?: number }): Chain {
  const ca = makeCa({ name: 'Odd middle', issuer: root, ...parts });
  return three({ leaf: makeLeaf({ issuer: ca }), intermediates: [ca] });
}

export function withRoot(parts: Parts & { pathLength?: number }): Chain {
  return three({ anchors: [makeCa({ name: 'Root', ...parts })] });
}

export function withLeaf(parts: Parts): Chain {
  return three({ leaf: makeLeaf({ issuer: middle, ...parts }) });
}

export function only(id: string, extension: ExtensionOverride): Pick<Parts, 'extensions'> {
  return { extensions: { [id]: extension } };
}
