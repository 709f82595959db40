/** `issueCertificate`: the way to issue for TLS. The request proves a key; the caller decides the rest. */
import { type KeyObject, randomBytes } from 'node:crypto';
import { CaError, quoted } from './errors.ts';
import { issuerFrom } from './issuer.ts';
import { BACKDATE_MS, issueLeaf, lifetimeWithin } from './leaf.ts';
import type { Names } from './names.ts';
import { type Profile, profiles } from './profile.ts';
import { checkRequest } from './request.ts';
import { type Digest, digestFor } from './signature-algorithm.ts';

const SERIAL_BYTES = 16;

/** 128 random bits: unpredictable, and unique without a count being kept. */
export function randomSerial(): Uint8Array {
  return randomBytes(SERIAL_BYTES);
}

export interface IssueOptions {
  /** PEM. Its signature is verified; of the rest only the public key is used. */
  readonly request: string;
  readonly ca: { readonly certificate: string; readonly privateKey: KeyObject };
  readonly profile: Profile;
  /** The names that the caller vouches for. A server needs a `dns` or `ip` name, a client any. */
  readonly names: Names;
  /** Milliseconds from `now`; cut where the CA's own certificate ends. */
  readonly lifetimeMs: number;
  readonly now: Date;
  /** Milliseconds by which `notBefore` precedes `now`; 5 minutes by default. Never before the CA's own beginning. */
  readonly backdateMs?: number;
  /** Positive, at most 20 bytes; 128 random bits by default. */
  readonly serial?: bigint | Uint8Array;
  /** By default the one that suits the CA's key: SHA-384 for P-384, SHA-512 for P-521, otherwise SHA-256. */
  readonly digest?: Digest;
}

/**
 * Issues a TLS certificate (RFC 5280): CA:FALSE, digitalSignature (and keyEncipherment for an RSA server), one
 * extended key usage, key identifiers, and the caller's names.
 *
 * @returns PEM
 * @throws CaError of the request: `malformed`, `no-possession`, `weak-key`, `weak-digest`, `unsupported-algorithm`
 * @throws CaError of the CA: `not-a-ca`, `key-mismatch`, `issuer-not-valid`
 * @throws CaError of the arguments: `bad-name`, `bad-argument`
 */
export function issueCertificate(options: IssueOptions): string {
  const { profile, names, now, lifetimeMs, backdateMs = BACKDATE_MS, serial = randomSerial() } = options;
  if (!Object.hasOwn(profiles, profile)) throw new CaError('bad-argument', `no profile ${quoted(profile)}`);
  const { publicKey } = checkRequest(options.request);
  const issuer = issuerFrom(options.ca.certificate, options.ca.privateKey);
  const lifetime = lifetimeWithin(issuer, now, lifetimeMs, backdateMs);
  const leaf = { publicKey, names, rules: profiles[profile], serial, ...lifetime };
  return issueLeaf(leaf, issuer, options.digest ?? digestFor(issuer.privateKey));
}
