/** Profiles: the purpose of a certificate, and the extensions, keys, names and lifetimes that follow from it. Plain data. */
import { type OptionNames, requireOptions } from '../arguments.ts';
import { CaError } from '../errors.ts';
import type { KeyKind, KeyType } from '../keys/key-policy.ts';
import type { Purpose } from '../x509/extensions.ts';
import { keyUsageBits } from '../x509/key-usage.ts';
import type { AlternativeKind, Names } from '../x509/names/names.ts';

/** A kind of name in a certificate. */
export type NameKind = 'commonName' | 'organization' | AlternativeKind;

/** The bits of the key usage extension that profiles use (RFC 5280 section 4.2.1.3). */
export type KeyUse = 'digitalSignature' | 'keyEncipherment' | 'keyCertSign' | 'cRLSign';

/** Determines the content of a certificate, and what may be granted in it. */
export interface Profile {
  /** Only for CA certificates: the number of CAs that may follow below (RFC 5280 section 4.2.1.9). Absent: not a CA. */
  readonly pathLength?: number;
  /** The extended key usage. Empty: no such extension. */
  readonly purposes: readonly Purpose[];
  /** The key usage. */
  readonly keyUsage: readonly KeyUse[];
  /** Additional key usage of RSA keys. TLS 1.2 clients encrypt a key to an RSA server. */
  readonly rsaKeyUsage?: readonly KeyUse[];
  /** The kinds of key that may be certified. */
  readonly keys: readonly KeyKind[];
  /** The shortest modulus of RSA and DSA keys. Values below 2048 have no effect. */
  readonly minModulusBits: number;
  /** The kinds of name that may be certified. */
  readonly names: readonly NameKind[];
  /** The kinds of name that peers use. A certificate must have a name of one of them. */
  readonly needsOneOf: readonly NameKind[];
  /** True when host names may begin with `*.`. */
  readonly wildcards: boolean;
  /** The lifetime in milliseconds when the grant does not say another. */
  readonly lifetimeMs: number;
  /** The longest lifetime in milliseconds. */
  readonly maxLifetimeMs: number;
}

const propertyNames: OptionNames<Profile> = {
  pathLength: true,
  purposes: true,
  keyUsage: true,
  rsaKeyUsage: true,
  keys: true,
  minModulusBits: true,
  names: true,
  needsOneOf: true,
  wildcards: true,
  lifetimeMs: true,
  maxLifetimeMs: true,
};

/**
 * Returns a profile of the caller, which must have every property but the optional ones.
 *
 * @throws CaError `bad-argument`
 */
export function checkedProfile(profile: Profile): Profile {
  requireOptions('a profile', profile, propertyNames);
  for (const name of ['purposes', 'keyUsage', 'keys', 'names', 'needsOneOf'] as const) {
    if (!Array.isArray(profile[name])) throw new CaError('bad-argument', `\`${name}\` of a profile is not an array`);
  }
  for (const name of ['minModulusBits', 'lifetimeMs', 'maxLifetimeMs'] as const) {
    if (!(profile[name] >= 0)) throw new CaError('bad-argument', `\`${name}\` of a profile is not a number`);
  }
  return profile;
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

/** The profiles that every `CertificateAuthority` has. */
export interface StandardProfiles {
  /** A root CA, which signs only leaves unless `createCA` gets another path length. */
  readonly root: Profile;
  /** A CA below a root, which signs only leaves. The root needs a path length of at least 1. */
  readonly intermediate: Profile;
  /** A TLS server. Clients use only `dns` and `ip` (RFC 9525 section 2). */
  readonly server: Profile;
  /** A TLS client: a user or a program. */
  readonly client: Profile;
}

/** The profiles that every `CertificateAuthority` has. Spread one to make another: `{ ...profiles.client, wildcards: true }`. */
export const profiles: StandardProfiles = {
  root: { ...authority, lifetimeMs: 10 * 365 * dayMs, maxLifetimeMs: 30 * 366 * dayMs },
  intermediate: { ...authority, lifetimeMs: 365 * dayMs, maxLifetimeMs: 10 * 366 * dayMs },
  server: {
    ...endEntity,
    purposes: ['serverAuth'],
    rsaKeyUsage: ['keyEncipherment'],
    names: ['commonName', 'organization', 'dns', 'ip'],
    needsOneOf: ['dns', 'ip'],
  },
  client: {
    ...endEntity,
    purposes: ['clientAuth'],
    names: ['commonName', 'organization', 'dns', 'uri', 'email'],
    needsOneOf: ['commonName', 'dns', 'uri', 'email'],
  },
};

/** The name of a profile in `profiles`. */
export type ProfileName = keyof StandardProfiles;

/** The profile of calls without a profile: both purposes, every type of key, every kind of name, any lifetime within the CA's. */
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

/** Returns the key usage for a key of this type, as a sum of `keyUsageBits`. */
export function keyUsageOf({ keyUsage, rsaKeyUsage = [] }: Profile, type: KeyType): number {
  const uses = type === 'rsa' ? [...keyUsage, ...rsaKeyUsage] : keyUsage;
  return uses.reduce((bits, use) => bits | keyUsageBits[use], 0);
}

/** Returns the kinds of which there is at least one name. */
export function kindsOf(names: Names): NameKind[] {
  return everyName.filter((kind) => (names[kind]?.length ?? 0) > 0);
}
