/** Creates a CA's revocation list from its ledger (RFC 5280 section 5). */
import { CaError, quoted } from '../errors.ts';
import type { CrlRecord, LedgerEntry } from '../ledger/ledger.ts';
import { signedCertificateList } from '../x509/revocation-list.ts';
import type { RevocationReason } from '../x509/revocation-reason.ts';
import { signingWith } from '../x509/signature-algorithm.ts';
import { canSignLists, type Issuer, keyIdentifierOfIssuer } from './issuer.ts';

/** Options of `CertificateAuthority.createCrl`. */
export interface CrlOptions {
  /** Milliseconds until the next list is issued at the latest. Default: 24 hours. */
  readonly lifetimeMs?: number;
}

/** A reason for a permanent revocation: any of RFC 5280 section 5.3.1 except `certificateHold`, which can be lifted. */
export type PermanentRevocationReason = Exclude<RevocationReason, 'certificateHold'>;

/** The state of the ledger when a list is created. */
interface CrlState {
  readonly now: Date;
  readonly number: number;
  readonly latest: CrlRecord | null;
  readonly revoked: readonly LedgerEntry[];
}

const dayMs = 24 * 3_600_000;
/** A list that is valid for longer than a CA would hide every later one from those who keep it. */
const maxListLifetimeMs = 10 * 366 * dayMs;

const permanent: ReadonlySet<string> = new Set<PermanentRevocationReason>([
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
  'aACompromise',
]);

/**
 * Requires a reason for a permanent revocation.
 *
 * @throws CaError `bad-argument`
 */
export function requirePermanentReason(reason: PermanentRevocationReason): void {
  if (permanent.has(reason)) return;
  throw new CaError('bad-argument', `${quoted(reason)} is not a reason for a permanent revocation`);
}

/**
 * True when the certificate must be on the next list: it stays until a list issued after its end had it (RFC 5280 section 3.3). A
 * list from the future was made while the clock was ahead. It proves nothing about the present, so nothing is removed because of it.
 */
function isListed({ notAfter, revoked }: LedgerEntry, { latest, now }: CrlState): boolean {
  if (latest === null || latest.at > now.getTime() || notAfter >= now.getTime()) return true;
  return latest.at <= notAfter || (revoked !== null && revoked.at > latest.at);
}

/**
 * Creates and signs a list.
 *
 * @returns PEM, and the time at which the list expires
 * @throws CaError `not-a-ca`, `issuer-not-valid`, `bad-argument`
 */
export function signedCrl(
  issuer: Issuer,
  state: CrlState,
  { lifetimeMs = dayMs }: CrlOptions,
): { crl: string; nextUpdate: Date } {
  const { now, number, revoked } = state;
  const { info, subjectName } = issuer.certificate;
  if (!canSignLists(issuer.certificate)) throw new CaError('not-a-ca', 'the issuing certificate may not sign lists');
  if (!(lifetimeMs >= 1000 && lifetimeMs <= maxListLifetimeMs)) {
    throw new CaError('bad-argument', 'lifetimeMs is a number of milliseconds from 1000 to ten years');
  }
  if (!(now >= info.notBefore && now <= info.notAfter)) {
    throw new CaError('issuer-not-valid', 'the issuing certificate is not valid now');
  }
  const nextUpdate = new Date(now.getTime() + lifetimeMs);
  const entries = revoked.flatMap((entry) => {
    if (entry.revoked === null || !isListed(entry, state)) return [];
    // A time from the future was written while the clock was ahead.
    const { at, reason } = entry.revoked;
    return [
      [entry.serial, { serial: entry.serial, revokedAt: new Date(Math.min(at, now.getTime())), reason }] as const,
    ];
  });
  const content = {
    issuer: subjectName,
    thisUpdate: now,
    nextUpdate,
    number: BigInt(number),
    authorityKeyId: keyIdentifierOfIssuer(issuer),
    revoked: new Map(entries),
  };
  return { crl: signedCertificateList(content, signingWith(issuer.privateKey)), nextUpdate };
}
