/** Helpers of the tables about revocation lists. */
import { derTag, derValue } from '../../../src/der/der-writer.ts';
import { oid, plain } from './certificate-builder.ts';
import { type ListParts, makeList } from './crl-builder.ts';
import { type Chain, middle, root, three } from './row.ts';

export const rootList = makeList({ issuer: root });

/** The good chain, with the intermediate's list as given and a good list of the root. */
export function withList(parts: Partial<ListParts>, more: Partial<Chain> = {}): Chain {
  return three({ crls: [makeList({ issuer: middle, ...parts }), rootList], ...more });
}

/** Extensions of an entry with this reason. */
export function reason(code: number) {
  return { entryExtensions: { [oid.reason]: plain(derValue(derTag.enumerated, Uint8Array.of(code))) } };
}
