/** Profiles: what a certificate is for, and everything that follows from it. Plain data, one row each. */

import type { KeyKind, KeyType } from '../keys/key-policy.ts';
import type { Purpose } from '../x509/extensions.ts';
import { keyUsageBits } from '../x509/key-usage.ts';
import type { AlternativeKind, Names } from '../x509/names/names.ts';

export type NameKind = 'commonName' | 'organization' | AlternativeKind;

/** Bits of the key usage extension (RFC 5280 section 4.2.1.3). */
export type KeyUse = 'digitalSignature' | 'keyEncipherment' | 'keyCertSign' | 'cRLSign';

export interface Profile {
  /** For certificates that are CAs: how many CAs may stand below one (RFC 5280 section 4.2.1.9). Leave it out for all others. */
  readonly pathLength?: number;
  /** Extended key usage; empty writes none. */
  readonly purposes: readonly Purpose[];
  readonly keyUsage: readonly KeyUse[];
  /** What RSA keys are for besides: servers of TLS 1.2 are sent a key. */
  readonly rsaKeyUsage?: readonly KeyUse[];
  readonly keys: readonly KeyKind[];
  /** Of RSA and DSA keys; never below 2048. */
  readonly minModulusBits: number;
  readonly names: readonly NameKind[];
  /** A certificate has one of these at least: the ones that the peer looks at. */
  readonly needsOneOf: readonly NameKind[];
  /** May a host name begin with `*.`? */
  readonly wildcards: boolean;
  /** Milliseconds; what is given to whoever asks for no other. */
  readonly lifetimeMs: number;
  /** Milliseconds. */
  readonly maxLifetimeMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const tlsKeys: readonly KeyKind[] = ['P-256', 'P-384', 'P-521', 'ed25519', 'rsa'];
const everyName: readonly NameKind[] = ['commonName', 'organization', 'dns', 'ip', 'uri', 'email'];

const authority = {
  pathLength: 0,
  purposes: [],
  keyUsage: ['keyCertSign', 'cRLSign'],
  keys: tlsKeys,
  minModulusBits: 2048,
  names: ['commonName', 'organization'],
  needsOneOf: ['commonName'],
  wildcards: false,
} as const;

const endEntity = {
  keyUsage: ['digitalSignature'],
  keys: tlsKeys,
  minModulusBits: 2048,
  wildcards: false,
  lifetimeMs: dayMs,
  maxLifetimeMs: 398 * dayMs,
} as const;

/** The profiles that every `CertificateAuthority` has. Spread one to make your own: `{ ...profiles.client, wildcards: true }`. */
export const profiles = {
  /** The CA itself: signs leaves only, unless `createCA` is told otherwise. */
  root: { ...authority, lifetimeMs: 10 * 365 * dayMs, maxLifetimeMs: 30 * 366 * dayMs },
  /** A CA under the root, for leaves only. The root needs a path length of 1 or more. */
  intermediate: { ...authority, lifetimeMs: 365 * dayMs, maxLifetimeMs: 10 * 366 * dayMs },
  /** A TLS server. Clients look at `dns` and `ip` only (RFC 9525 section 2). */
  server: {
    ...endEntity,
    purposes: ['serverAuth'],
    rsaKeyUsage: ['keyEncipherment'],
    names: ['commonName', 'organization', 'dns', 'ip'],
    needsOneOf: ['dns', 'ip'],
  },
  /** A TLS client: a person, or a program. */
  client: {
    ...endEntity,
    purposes: ['clientAuth'],
    names: ['commonName', 'organization', 'dns', 'uri', 'email'],
    needsOneOf: ['commonName', 'dns', 'uri', 'email'],
  },
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof profiles;

/** For the calls that take no profile: both purposes, every key type, every name, no bound on the lifetime but the CA's. */
export const anyPurpose: Profile = {
  ...endEntity,
  purposes: ['serverAuth', 'clientAuth'],
  rsaKeyUsage: ['keyEncipherment'],
  keys: [...tlsKeys, 'dsa'],
  names: everyName,
  needsOneOf: everyName,
  wildcards: true,
  maxLifetimeMs: Number.POSITIVE_INFINITY,
};

/** The bits for a key of this type. */
export function keyUsageOf({ keyUsage, rsaKeyUsage = [] }: Profile, type: KeyType): number {
  const uses = type === 'rsa' ? [...keyUsage, ...rsaKeyUsage] : keyUsage;
  return uses.reduce((bits, use) => bits | keyUsageBits[use], 0);
}

/** The kinds of which these names have one. */
export function kindsOf(names: Names): NameKind[] {
  return everyName.filter((kind) => (names[kind]?.length ?? 0) > 0);
}
