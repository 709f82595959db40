/** Good chains with every type of key above every other, revocation lists included. */
import { createKeyPair } from '../../../src/index.ts';
import { keyOf, makeCa, makeLeaf } from './certificate-builder.ts';
import { makeList } from './crl-builder.ts';
import type { Row } from './row.ts';

const types = [
  ['RSA', () => createKeyPair('rsa', 2048)],
  ['P-256', () => createKeyPair('ec', 'P-256')],
  ['P-384', () => createKeyPair('ec', 'P-384')],
  ['P-521', () => createKeyPair('ec', 'P-521')],
  ['Ed25519', () => createKeyPair('ed25519')],
] as const;

export const keyTypes: Row[] = types.flatMap(([above, makeAbove]) =>
  types.map(([below, makeBelow]) => ({
    what: `${below} under ${above}`,
    chain: () => {
      const root = makeCa({ name: 'Typed root', keys: keyOf(`${above} root`, makeAbove) });
      const middle = makeCa({ name: 'Typed middle', keys: keyOf(`${below} middle`, makeBelow), issuer: root });
      const leaf = makeLeaf({ issuer: middle, keys: keyOf(`${above} leaf`, makeAbove) });
      const crls = [makeList({ issuer: root }), makeList({ issuer: middle })];
      return { leaf, anchors: [root], intermediates: [middle], crls, name: 'chat.example' };
    },
    verdict: 'accepted',
  })),
);
