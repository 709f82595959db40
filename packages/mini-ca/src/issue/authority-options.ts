/** The options of a certificate authority: the port through which it asks for decisions, and the checks of both. */
import type { KeyObject } from 'node:crypto';
import { type OptionNames, requireFunction, requireOptions } from '../arguments.ts';
import { CaError } from '../errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Names } from '../x509/names/names.ts';
import type { CheckedRequest } from '../x509/request.ts';
import { checkedProfile, type Profile } from './profile.ts';

/** The decision of `authorise`. The certificate contains all of it, and nothing else but the key is taken from the request. */
export interface Grant {
  /** The name of a profile: one of `profiles`, or one of the authority's own. */
  readonly profile: string;
  /** The names to certify. */
  readonly names: Names;
  /** Milliseconds from now, at most the profile's `maxLifetimeMs`. Cut at the end of the CA certificate. Default: the profile's `lifetimeMs`. */
  readonly lifetimeMs?: number;
}

/** The request that `authorise` decides about. */
export interface Application<Context> {
  /** The requester has proved that it has the private key. The names are only requested. */
  readonly request: CheckedRequest;
  /** What the caller of `issue` or `renew` passed, such as the user who makes the request, or the grant itself. Default: null. */
  readonly context: Context;
  /** For a renewal, the grant of the certificate to be renewed; return it to grant the same again. Otherwise null. */
  readonly previous: Grant | null;
}

/** The last argument of `issue` and `renew`. It may be omitted where the context may be null. */
export type ContextArgument<Context> = null extends Context ? [context?: Context] : [context: Context];

/** Returns the context that a caller of `issue` or `renew` has passed: null when there is none. */
export function contextOf<Context>(argument: ContextArgument<Context>): Context {
  return argument.length === 0 ? (null as Context) : (argument[0] as Context);
}

/** Options of `CertificateAuthority`. */
export interface AuthorityOptions<Context> {
  /** PEM of the CA certificate. */
  readonly certificate: string;
  /** The private key of the CA certificate. */
  readonly privateKey: KeyObject;
  /** Stores the records of the CA. */
  readonly ledger: Ledger;
  /** Decides about a request. It refuses by returning null or by throwing, and the caller of `issue` receives what it throws. */
  readonly authorise: (application: Application<Context>) => Grant | null | Promise<Grant | null>;
  /** Additional profiles. A profile with a name of `profiles` replaces that one. */
  readonly profiles?: Readonly<Record<string, Profile>>;
  /** Returns the current time. Default: the time of the system. */
  readonly clock?: () => Date;
}

/**
 * Requires the options of an authority, so that it does not fail when it issues.
 *
 * @throws CaError `bad-argument`
 */
export function requireAuthorityOptions<Context>(options: AuthorityOptions<Context>): void {
  const names: OptionNames<AuthorityOptions<Context>> = {
    certificate: true,
    privateKey: true,
    ledger: true,
    authorise: true,
    profiles: true,
    clock: true,
  };
  requireOptions('CertificateAuthority', options, names);
  const { ledger, authorise, clock, profiles: own = {} } = options;
  for (const method of ['append', 'find', 'revoked', 'latestCrl'] as const) {
    requireFunction(`ledger.${method}`, ledger?.[method]);
  }
  requireFunction('authorise', authorise);
  if (clock !== undefined) requireFunction('clock', clock);
  if (typeof own !== 'object' || own === null) throw new CaError('bad-argument', '`profiles` is not an object');
  for (const profile of Object.values(own)) checkedProfile(profile);
}

/**
 * Requires a grant without unknown names.
 *
 * @throws CaError `bad-argument`
 */
export function requireGrant(grant: Grant): void {
  requireOptions('a grant', grant, { profile: true, names: true, lifetimeMs: true });
}
