/** The lower bound: only the key agreements of a new key, on plain node:crypto. Nothing is transmitted. */
import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import type { Suite } from '@chat/ecdh-hub';
import type { Group } from './group.ts';

/** Returns a group of `size` members that only agrees on keys. */
export function bareGroup(suite: Suite, size: number): Group {
  const generate = () =>
    suite === 'X25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ec', { namedCurve: suite });
  const raw = Array.from({ length: size }, () => generate().publicKey.export({ format: 'der', type: 'spki' }));
  const agree = (privateKey: ReturnType<typeof generate>['privateKey'], der: Buffer) =>
    diffieHellman({ privateKey, publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }) });
  const wrapFor = (recipients: readonly Buffer[]) => {
    const { privateKey } = generate();
    return recipients.map((der) => agree(privateKey, der));
  };
  const own = generate().privateKey;
  return {
    name: 'node:crypto ECDH alone',
    changes: {
      add: { hub: () => wrapFor(raw.slice(0, 1)) },
      remove: { hub: () => wrapFor(raw.slice(1)), member: () => wrapFor([]) && agree(own, raw[0] as Buffer) },
    },
  };
}
