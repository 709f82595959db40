/**
 * Renewals of an identity key. A new key counts by a statement that the key before and the new key have both signed. The same
 * statements lead from one key to the next in the server's directory, in the rooms' logs, and in the pins of clients.
 */
import { z } from 'zod';
import { fromBase64url, sha256Hex, utf8 } from '../bytes.ts';
import { limits } from '../limits.ts';
import { base64url, type Fingerprint, identityKey, timestamp, type UserName } from '../values.ts';

const signature = base64url(160);

/** Data to sign, and its signature domain. */
interface Statement {
  readonly domain: { readonly protocol: string; readonly purpose: string; readonly context: string };
  readonly data: Uint8Array;
}

/** Schema of a renewal. The key before is that of the renewal before, or the first key of the chain. */
export const keyRenewal = z.strictObject({
  /** 1 for the first renewal of a user; one more for each later one. */
  number: z.int().min(1),
  /** The new key: SubjectPublicKeyInfo in base64url. */
  key: identityKey,
  /** Milliseconds since 1970 by the user's clock. It decides nothing. */
  madeAt: timestamp,
  /** The signature of the key before over `keyRenewalStatement`. */
  signature,
  /** The signature of the new key over the same bytes. */
  proof: signature,
});
/** A renewal of an identity key, with both signatures. */
export type KeyRenewal = z.infer<typeof keyRenewal>;

/** The fields of a chain of renewals in an entry or a request. */
export const keyChainFields = {
  /** The key from which the first of the renewals leads on: SubjectPublicKeyInfo in base64url. */
  first: identityKey,
  /** In the order of their numbers. */
  renewals: z.array(keyRenewal).min(1).max(limits.keyRenewalsPerChain),
};

/** Renewals that follow each other. */
export interface KeyChain {
  /** The key before the first renewal, in base64url. */
  readonly first: string;
  /** In the order of their numbers. */
  readonly renewals: readonly KeyRenewal[];
}

/** What both keys sign. */
export interface KeyRenewalFields extends Pick<KeyRenewal, 'number' | 'key' | 'madeAt'> {
  readonly user: UserName;
  /** Fingerprint of the key before. */
  readonly previous: Fingerprint;
}

/**
 * Returns the statement that the key before and the new key sign.
 *
 * @param serverId fingerprint of the server's first CA certificate
 */
export const keyRenewalStatement = (
  serverId: string,
  { user, number, previous, key, madeAt }: KeyRenewalFields,
): Statement => ({
  domain: { protocol: 'chat/1', purpose: 'renew-key', context: serverId },
  data: utf8(JSON.stringify({ user, number, previous, key, madeAt })),
});

/** Returns all keys of a chain in base64url, the first one first. */
export const keysOfChain = ({ first, renewals }: KeyChain): readonly string[] => [
  first,
  ...renewals.map(({ key }) => key),
];

/** Returns the last key of a chain, in base64url. */
export const lastKeyOf = ({ first, renewals }: KeyChain): string => renewals.at(-1)?.key ?? first;

/** Returns the fingerprint of a key in base64url. */
export const fingerprintOfKey = (key: string): Fingerprint => sha256Hex(fromBase64url(key));

/** A signature that must verify for a chain to be valid. */
export interface ChainSignature extends Statement {
  /** The key that has signed, in base64url. */
  readonly key: string;
  /** In base64url. */
  readonly signature: string;
}

/** The signatures of a chain, and for whom they must be valid. */
export interface ChainOwner {
  /** Fingerprint of the server's first CA certificate. */
  readonly serverId: string;
  readonly user: UserName;
}

/**
 * Returns the signatures that make a chain valid: two for each renewal. Null for a chain that no signature makes valid, because its
 * numbers do not follow each other or a key is in it twice.
 */
export function signaturesOfChain(chain: KeyChain, { serverId, user }: ChainOwner): readonly ChainSignature[] | null {
  const keys = keysOfChain(chain);
  if (new Set(keys).size < keys.length) return null;
  const start = chain.renewals[0]?.number ?? 1;
  const signatures: ChainSignature[] = [];
  for (const [index, { number, key, madeAt, signature: byPrevious, proof }] of chain.renewals.entries()) {
    const previous = keys[index];
    if (number !== start + index || previous === undefined) return null;
    const fields = { user, number, previous: fingerprintOfKey(previous), key, madeAt };
    const statement = keyRenewalStatement(serverId, fields);
    signatures.push({ ...statement, key: previous, signature: byPrevious }, { ...statement, key, signature: proof });
  }
  return signatures;
}

/** Returns the part of a chain that leads on from a key: the same renewals from there on. Null when no renewal does. */
export function chainFrom(chain: KeyChain, fingerprint: Fingerprint): KeyChain | null {
  const index = keysOfChain(chain).findIndex((key) => fingerprintOfKey(key) === fingerprint);
  const first = keysOfChain(chain)[index];
  const renewals = chain.renewals.slice(index);
  return first === undefined || renewals.length === 0 ? null : { first, renewals };
}
