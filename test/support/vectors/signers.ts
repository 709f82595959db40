/** The signers of the examples: users and the server's CA, with published keys. */
import { readFileSync } from 'node:fs';
import { toHex } from '@chat/protocol';
import type { Signer } from '@chat/room';
import { domainSeparated, importPlainPrivateKey, isLowS } from '@chat/signatures';

/** A user of the examples. */
export type Name = 'alice' | 'bob' | 'carol' | 'dave';

/** The name of a key: that of its user, or `renewed` for the one that follows Bob's. */
export type KeyName = Name | 'renewed' | 'authority';

/** Private keys as JWK (RFC 7518), by name. */
const keys: Readonly<Record<KeyName, Readonly<Record<string, string>>>> = JSON.parse(
  readFileSync(new URL('../../../vectors/keys.json', import.meta.url), 'utf8'),
);

/** Returns the signer of this name. */
export type SignerOf = (name: KeyName) => Signer;

/** Signs with a new signature each time, because ECDSA is randomised. */
export const freshSigner: SignerOf = (name) => importPlainPrivateKey({ ...keys[name] });

/** A signature from the stored examples, with the exact bytes in hex that it signs. */
export interface Signed {
  readonly by: string;
  readonly signed: string;
  readonly signature: Uint8Array;
}

/** Returns the stored signature of the same bytes if there is one, so that everything computed from it is the same again. */
export function recordedSigner(signatures: readonly Signed[]): SignerOf {
  return (name) => {
    const signer = freshSigner(name);
    return {
      ...signer,
      sign(domain, data) {
        const bytes = toHex(domainSeparated(domain, data));
        const known = signatures.filter(({ by, signed }) => by === signer.fingerprint && signed === bytes);
        // An example of a breach may hold the same signature with a high s, which no signer makes.
        const made = known.find(({ signature }) => isLowS(signature)) ?? known[0];
        return made?.signature ?? signer.sign(domain, data);
      },
    };
  };
}
