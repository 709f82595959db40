/**
 * `issueCertificate`: issues without a ledger. Only the key is taken from the request. Use `CertificateAuthority` for certificates
 * that are to be recorded, revoked or renewed.
 */
import type { KeyObject } from 'node:crypto';
import { type OptionNames, requireDate, requireOptions } from '../arguments.ts';
import { CaError, quoted } from '../errors.ts';
import type { Names } from '../x509/names/names.ts';
import { parseRequest } from '../x509/request.ts';
import { randomSerial } from '../x509/serial-number.ts';
import type { Digest } from '../x509/signature-algorithm.ts';
import { CertificateTemplate } from './certificate-template.ts';
import { issuerFrom } from './issuer.ts';
import { checkedProfile, type Profile, type ProfileName, profiles } from './profile.ts';
import { requireKey, requireLifetime, requireNames } from './profile-rules.ts';
import { validityWithin } from './validity.ts';

/** Options of `issueCertificate`. */
export interface IssueOptions {
  /** PEM of the request. Its signature is verified; nothing else but its public key is used. */
  readonly request: string;
  /** The CA that issues. */
  readonly ca: {
    /** PEM. */
    readonly certificate: string;
    /** The key of the certificate. */
    readonly privateKey: KeyObject;
  };
  /** The name of a profile in `profiles`, or another profile. */
  readonly profile: ProfileName | Profile;
  /** The names to certify, which the caller has verified. A server needs a `dns` or `ip` name, a client a name of any kind. */
  readonly names: Names;
  /** Milliseconds from `now`, at most the profile's `maxLifetimeMs`. Cut at the end of the CA certificate. */
  readonly lifetimeMs: number;
  /** The time of issue. */
  readonly now: Date;
  /** Milliseconds by which `notBefore` precedes `now`. Cut at the beginning of the CA certificate. Default: 5 minutes. */
  readonly backdateMs?: number;
  /** Positive, at most 20 bytes. Default: 128 random bits. */
  readonly serial?: bigint | Uint8Array;
  /** Default: SHA-384 for a P-384 CA key, SHA-512 for P-521, otherwise SHA-256. */
  readonly digest?: Digest;
}

const optionNames: OptionNames<IssueOptions> = {
  request: true,
  ca: true,
  profile: true,
  names: true,
  lifetimeMs: true,
  now: true,
  backdateMs: true,
  serial: true,
  digest: true,
};

function profileOf(profile: ProfileName | Profile): Profile {
  if (typeof profile !== 'string') return checkedProfile(profile);
  if (!Object.hasOwn(profiles, profile)) throw new CaError('bad-argument', `no profile ${quoted(profile)}`);
  return profiles[profile];
}

/**
 * Issues a certificate (RFC 5280) with the extensions of the profile and the names of the caller.
 *
 * @returns PEM
 * @throws CaError of the request: `FormErrorCode`, `no-possession`, `weak-key`, `weak-digest`, `unsupported-algorithm`
 * @throws CaError of the CA: `not-a-ca`, `key-mismatch`, `issuer-not-valid`, `path-too-long`
 * @throws CaError of the arguments: `bad-name`, `bad-argument`
 * @throws CaError of the profile: `key-not-allowed`, `name-kind-not-allowed`, `wildcard-not-allowed`,
 *   `look-alike-name`, `lifetime-not-allowed`
 */
export function issueCertificate(options: IssueOptions): string {
  requireOptions('issueCertificate', options, optionNames);
  requireOptions('`ca`', options.ca, { certificate: true, privateKey: true });
  requireDate('now', options.now);
  const profile = profileOf(options.profile);
  const { info, spki } = parseRequest(options.request);
  const issuer = issuerFrom(options.ca.certificate, options.ca.privateKey);
  const template = new CertificateTemplate(issuer, profile, options.digest);
  requireKey(profile, info.publicKey);
  const names = requireNames(profile, options.names);
  requireLifetime(profile, options.lifetimeMs);
  const validity = validityWithin(issuer, options);
  const subject = { keyType: info.keyType, spki, names };
  return template.certificateFor(subject, validity, options.serial ?? randomSerial()).certificate;
}
