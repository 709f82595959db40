/**
 * The last look before signing: does what is about to be certified keep to the profile? It does not matter who asked for
 * it or who granted it.
 */
import type { KeyObject } from 'node:crypto';
import { CaError, quoted } from '../errors.ts';
import { isCurve, keyKindOf, requireStrongKey } from '../keys/key-policy.ts';
import { checkNames, type Names } from '../x509/names/names.ts';
import { requireSingleScript } from './confusable-names.ts';
import type { Issuer } from './issuer.ts';
import { kindsOf, type Profile } from './profile.ts';

/**
 * @throws CaError `weak-key`, `unsupported-algorithm` for keys that nothing here takes; `key-not-allowed` for one that
 *   this profile does not
 */
export function requireKey({ keys, minModulusBits }: Profile, key: KeyObject): void {
  requireStrongKey(key);
  const kind = keyKindOf(key);
  if (!keys.includes(kind)) {
    throw new CaError('key-not-allowed', `${kind} keys are not for this profile: use one of ${keys.join(', ')}`);
  }
  if (isCurve(kind)) return;
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < minModulusBits) {
    throw new CaError('key-not-allowed', `${bits} bits are too few for this profile: use ${minModulusBits} or more`);
  }
}

/** @throws CaError `name-kind-not-allowed`, `wildcard-not-allowed`, `look-alike-name` */
export function requireNameKinds({ names: allowed, wildcards }: Profile, names: Names): void {
  const kind = kindsOf(names).find((each) => !allowed.includes(each));
  if (kind !== undefined) {
    throw new CaError('name-kind-not-allowed', `this profile has no ${kind} names, only ${allowed.join(', ')}`);
  }
  const wildcard = names.dns?.find((name) => name.startsWith('*'));
  if (wildcard !== undefined && !wildcards) {
    throw new CaError('wildcard-not-allowed', `this profile has no wildcards such as ${quoted(wildcard)}`);
  }
  for (const text of [names.commonName, names.organization]) if (text !== undefined) requireSingleScript(text);
}

/**
 * The names as they may be certified.
 *
 * @throws CaError `bad-name`, also when the one that peers look for is missing, and as `requireNameKinds`
 */
export function requireNames(profile: Profile, given: Names): Names {
  const names = checkNames(given);
  requireNameKinds(profile, names);
  if (!kindsOf(names).some((kind) => profile.needsOneOf.includes(kind))) {
    throw new CaError('bad-name', `no name that peers look for: this profile needs ${profile.needsOneOf.join(' or ')}`);
  }
  return names;
}

/** @throws CaError `lifetime-not-allowed` */
export function requireLifetime({ maxLifetimeMs }: Profile, lifetimeMs: number): void {
  if (lifetimeMs > maxLifetimeMs) {
    throw new CaError('lifetime-not-allowed', `this profile allows at most ${maxLifetimeMs} ms, not ${lifetimeMs}`);
  }
}

/**
 * A CA under this issuer needs room on the path (RFC 5280 section 4.2.1.9). The same name on both, a new key for the
 * same CA, takes none.
 *
 * @throws CaError `path-too-long`
 */
export function requireMayIssueCa({ certificate: { extensions } }: Issuer): void {
  if (extensions.pathLength !== 0) return;
  throw new CaError('path-too-long', 'the issuer’s path length is 0: it signs leaves only, no CA');
}
