/** The people of the examples and their server's authority, with keys that everybody knows, and how they sign. */
import { readFileSync } from 'node:fs';
import { toHex } from '@chat/protocol';
import type { Signer } from '@chat/room';
import { domainSeparated, importPlainPrivateKey } from '@chat/signatures';

export type Name = 'alice' | 'bob' | 'carol' | 'dave';

/** Private keys as JWK (RFC 7518), by name. */
const keys: Readonly<Record<Name | 'authority', Readonly<Record<string, string>>>> = JSON.parse(
  readFileSync(new URL('../../../vectors/keys.json', import.meta.url), 'utf8'),
);

export type SignerOf = (name: Name | 'authority') => Signer;

/** Signs anew each time: ECDSA gives another signature at each run. */
export const freshSigner: SignerOf = (name) => importPlainPrivateKey({ ...keys[name] });

/** A signature that was made before, with the exact bytes that it signs in hex. */
export interface Signed {
  readonly by: string;
  readonly signed: string;
  readonly signature: Uint8Array;
}

/** Gives the signature that was made before of the same bytes, so that all that follows from it comes out the same. */
export function recordedSigner(signatures: readonly Signed[]): SignerOf {
  return (name) => {
    const signer = freshSigner(name);
    return {
      ...signer,
      sign(domain, data) {
        const bytes = toHex(domainSeparated(domain, data));
        const known = signatures.find(({ by, signed }) => by === signer.fingerprint && signed === bytes);
        return known?.signature ?? signer.sign(domain, data);
      },
    };
  };
}
