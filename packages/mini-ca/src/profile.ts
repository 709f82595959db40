/** Profiles: what a certificate is for, and everything that follows from it. One row each. */
import type { KeyObject } from 'node:crypto';
import { KeyUsage, type Purpose } from './extensions.ts';
import { type KeyType, requireStrongKey, requireTlsKey } from './key-policy.ts';
import type { Names } from './names.ts';

export type Profile = 'server' | 'client';

export interface ProfileRules {
  readonly purposes: readonly Purpose[];
  /** Flags of `KeyUsage`. */
  readonly keyUsage: (type: KeyType) => number;
  /** Refuses what the profile does not take, and says what type of key it is. */
  readonly requireKey: (key: KeyObject) => KeyType;
  /** Is there a name that the peer will look for? */
  readonly hasName: (names: Names) => boolean;
}

function signing(): number {
  return KeyUsage.digitalSignature;
}

/** RSA servers of TLS 1.2 may also be sent a key. */
function signingAndRsa(type: KeyType): number {
  return type === 'rsa' ? KeyUsage.digitalSignature | KeyUsage.keyEncipherment : KeyUsage.digitalSignature;
}

function hasAny(names: Names): boolean {
  return Object.keys(names).length > 0;
}

export const profiles: Readonly<Record<Profile, ProfileRules>> = {
  server: {
    purposes: ['serverAuth'],
    keyUsage: signingAndRsa,
    requireKey: requireTlsKey,
    // Clients look at nothing else (RFC 9525 section 2).
    hasName: ({ dns, ip }) => dns !== undefined || ip !== undefined,
  },
  client: { purposes: ['clientAuth'], keyUsage: signing, requireKey: requireTlsKey, hasName: hasAny },
};

/** For the calls that take no profile: both purposes, every key type. */
export const anyPurpose: ProfileRules = {
  purposes: ['serverAuth', 'clientAuth'],
  keyUsage: signingAndRsa,
  requireKey: requireStrongKey,
  hasName: hasAny,
};
