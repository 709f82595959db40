/** The lower bound: only the key agreements of a new key, on plain node:crypto. Nothing is transmitted. */
import {
  createPublicKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import type { Suite } from '@chat/ecdh-hub';
import type { Change, Group, Rekey } from './group.ts';

/** Returns a group of `size` members that only agrees on keys. */
export function bareGroup(suite: Suite, size: number): Group {
  if (suite === 'X-Wing') return { name: 'node:crypto ML-KEM and X25519 alone', changes: bareXWing(size) };
  return { name: 'node:crypto ECDH alone', changes: bareCurve(suite, size) };
}

type Changes = Readonly<Record<Change, Rekey>>;

const spkiOf = (key: KeyObject) => key.export({ format: 'der', type: 'spki' });
const imported = (der: Buffer) => createPublicKey({ key: der, format: 'der', type: 'spki' });

/** One key pair for all recipients. */
function bareCurve(suite: Exclude<Suite, 'X-Wing'>, size: number): Changes {
  const generate = () =>
    suite === 'X25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ec', { namedCurve: suite });
  const raw = Array.from({ length: size }, () => spkiOf(generate().publicKey));
  const agree = (privateKey: KeyObject, der: Buffer) => diffieHellman({ privateKey, publicKey: imported(der) });
  const wrapFor = (recipients: readonly Buffer[]) => {
    const { privateKey } = generate();
    return recipients.map((der) => agree(privateKey, der));
  };
  const own = generate().privateKey;
  return {
    add: { hub: () => wrapFor(raw.slice(0, 1)) },
    remove: { hub: () => wrapFor(raw.slice(1)), member: () => wrapFor([]) && agree(own, raw[0] as Buffer) },
  };
}

/** A key pair of X25519 and an encapsulation of ML-KEM-768 for each recipient. */
function bareXWing(size: number): Changes {
  const generate = () => ({ mlKem: generateKeyPairSync('ml-kem-768'), x25519: generateKeyPairSync('x25519') });
  const raw = Array.from({ length: size }, () => {
    const { mlKem, x25519 } = generate();
    return [spkiOf(mlKem.publicKey), spkiOf(x25519.publicKey)] as const;
  });
  const agree = (privateKey: KeyObject, der: Buffer) => diffieHellman({ privateKey, publicKey: imported(der) });
  const wrapFor = (recipients: typeof raw) =>
    recipients.map(([mlKem, x25519]) => [
      encapsulate(imported(mlKem)),
      agree(generateKeyPairSync('x25519').privateKey, x25519),
    ]);
  const own = generate();
  const { ciphertext } = encapsulate(own.mlKem.publicKey);
  const [, peer] = raw[0] as (typeof raw)[number];
  return {
    add: { hub: () => wrapFor(raw.slice(0, 1)) },
    remove: {
      hub: () => wrapFor(raw.slice(1)),
      member: () => [decapsulate(own.mlKem.privateKey, ciphertext), agree(own.x25519.privateKey, peer)],
    },
  };
}
