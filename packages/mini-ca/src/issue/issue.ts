/**
 * `issueCertificate`: for callers that keep no ledger. The request proves a key; the caller decides the rest. Where
 * certificates are to be found again, revoked or renewed, use `CertificateAuthority`.
 */
import type { KeyObject } from 'node:crypto';
import { CaError, quoted } from '../errors.ts';
import type { Names } from '../x509/names/names.ts';
import { parseRequest } from '../x509/request.ts';
import { randomSerial } from '../x509/serial-number.ts';
import type { Digest } from '../x509/signature-algorithm.ts';
import { CertificateTemplate } from './certificate-template.ts';
import { issuerFrom } from './issuer.ts';
import { type Profile, type ProfileName, profiles } from './profile.ts';
import { requireKey, requireLifetime, requireNames } from './profile-rules.ts';
import { validityWithin } from './validity.ts';

export interface IssueOptions {
  /** PEM. Its signature is verified; of the rest only the public key is used. */
  readonly request: string;
  readonly ca: { readonly certificate: string; readonly privateKey: KeyObject };
  /** One of `profiles` by name, or one of your own. */
  readonly profile: ProfileName | Profile;
  /** The names that the caller vouches for. A server needs a `dns` or `ip` name, a client any. */
  readonly names: Names;
  /** Milliseconds from `now`, at most what the profile allows; cut where the CA's own certificate ends. */
  readonly lifetimeMs: number;
  readonly now: Date;
  /** Milliseconds by which `notBefore` precedes `now`; 5 minutes by default. Never before the CA's own beginning. */
  readonly backdateMs?: number;
  /** Positive, at most 20 bytes; 128 random bits by default. */
  readonly serial?: bigint | Uint8Array;
  /** By default the one that suits the CA's key: SHA-384 for P-384, SHA-512 for P-521, otherwise SHA-256. */
  readonly digest?: Digest;
}

function profileOf(profile: ProfileName | Profile): Profile {
  if (typeof profile !== 'string') return profile;
  if (!Object.hasOwn(profiles, profile)) throw new CaError('bad-argument', `no profile ${quoted(profile)}`);
  return profiles[profile];
}

/**
 * Issues a certificate (RFC 5280): what the profile says, key identifiers, and the caller's names.
 *
 * @returns PEM
 * @throws CaError of the request: `FormErrorCode`, `no-possession`, `weak-key`, `weak-digest`, `unsupported-algorithm`
 * @throws CaError of the CA: `not-a-ca`, `key-mismatch`, `issuer-not-valid`, `path-too-long`
 * @throws CaError of the arguments: `bad-name`, `bad-argument`
 * @throws CaError of the profile: `key-not-allowed`, `name-kind-not-allowed`, `wildcard-not-allowed`,
 *   `look-alike-name`, `lifetime-not-allowed`
 */
export function issueCertificate(options: IssueOptions): string {
  const profile = profileOf(options.profile);
  const { info, spki } = parseRequest(options.request);
  const issuer = issuerFrom(options.ca.certificate, options.ca.privateKey);
  const template = new CertificateTemplate(issuer, profile, options.digest);
  requireKey(profile, info.publicKey);
  const names = requireNames(profile, options.names);
  requireLifetime(profile, options.lifetimeMs);
  const validity = validityWithin(issuer, options.now, options.lifetimeMs, options.backdateMs);
  const subject = { keyType: info.keyType, spki, names };
  return template.certificateFor(subject, validity, options.serial ?? randomSerial()).certificate;
}
