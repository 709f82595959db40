/**
 * Checks everything that is to be certified against the profile, immediately before it is signed. Neither the requester nor
 * `authorise` can override these rules.
 */
import type { KeyObject } from 'node:crypto';
import { CaError, quoted } from '../errors.ts';
import { isCurve, keyKindOf, requireStrongKey } from '../keys/key-policy.ts';
import { checkNames, type Names } from '../x509/names/names.ts';
import { requireSingleScript } from './confusable-names.ts';
import type { Issuer } from './issuer.ts';
import { kindsOf, type Profile } from './profile.ts';

/**
 * Requires a key that the profile allows.
 *
 * @throws CaError `weak-key`, `unsupported-algorithm` for keys that no profile can allow; `key-not-allowed`
 */
export function requireKey({ keys, minModulusBits }: Profile, key: KeyObject): void {
  requireStrongKey(key);
  const kind = keyKindOf(key);
  if (!keys.includes(kind)) {
    throw new CaError('key-not-allowed', `this profile does not allow ${kind} keys: use one of ${keys.join(', ')}`);
  }
  if (isCurve(kind)) return;
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < minModulusBits) {
    throw new CaError(
      'key-not-allowed',
      `this profile does not allow a key of ${bits} bits: use ${minModulusBits} or more`,
    );
  }
}

/**
 * Requires names of kinds that the profile allows.
 *
 * @throws CaError `name-kind-not-allowed`, `wildcard-not-allowed`, `look-alike-name`
 */
export function requireNameKinds({ names: allowed, wildcards }: Profile, names: Names): void {
  const kind = kindsOf(names).find((each) => !allowed.includes(each));
  if (kind !== undefined) {
    throw new CaError('name-kind-not-allowed', `this profile does not allow ${kind} names, only ${allowed.join(', ')}`);
  }
  const wildcard = names.dns?.find((name) => name.startsWith('*'));
  if (wildcard !== undefined && !wildcards) {
    throw new CaError('wildcard-not-allowed', `this profile does not allow wildcards such as ${quoted(wildcard)}`);
  }
  for (const text of [names.commonName, names.organization]) if (text !== undefined) requireSingleScript(text);
}

/**
 * Requires valid names that the profile allows, at least one of them of a kind that peers use.
 *
 * @returns a normalized copy
 * @throws CaError `bad-name`, and as `requireNameKinds`
 */
export function requireNames(profile: Profile, given: Names): Names {
  const names = checkNames(given);
  requireNameKinds(profile, names);
  if (!kindsOf(names).some((kind) => profile.needsOneOf.includes(kind))) {
    throw new CaError('bad-name', `no name that peers use: this profile requires ${profile.needsOneOf.join(' or ')}`);
  }
  return names;
}

/**
 * Requires a lifetime that the profile allows.
 *
 * @throws CaError `lifetime-not-allowed`
 */
export function requireLifetime({ maxLifetimeMs }: Profile, lifetimeMs: number): void {
  if (lifetimeMs > maxLifetimeMs) {
    throw new CaError('lifetime-not-allowed', `this profile allows at most ${maxLifetimeMs} ms, not ${lifetimeMs}`);
  }
}

/**
 * Requires an issuer whose path length allows a CA below it (RFC 5280 section 4.2.1.9). Not needed for a new key of the same CA,
 * which does not count.
 *
 * @throws CaError `path-too-long`
 */
export function requireMayIssueCa({ certificate: { extensions } }: Issuer): void {
  if (extensions.pathLength !== 0) return;
  throw new CaError('path-too-long', 'the path length of the issuer is 0: it may sign only leaves');
}
