/** Making a CA's revocation list (RFC 5280 section 5) from its ledger. */

import { CaError, quoted } from '../errors.ts';
import type { CrlRecord, LedgerEntry } from '../ledger/ledger.ts';
import { signedCertificateList } from '../x509/revocation-list.ts';
import type { RevocationReason } from '../x509/revocation-reason.ts';
import { signingWith } from '../x509/signature-algorithm.ts';
import { canSignLists, type Issuer, keyIdentifierOfIssuer } from './issuer.ts';

export interface CrlOptions {
  /** Milliseconds until the next list is there at the latest; 24 hours by default. */
  readonly lifetimeMs?: number;
}

/** Why a certificate is revoked for good: all of RFC 5280 section 5.3.1 but `certificateHold`, which could be lifted. */
export type PermanentRevocationReason = Exclude<RevocationReason, 'certificateHold'>;

/** What the ledger knows when a list is made. */
interface CrlState {
  readonly now: Date;
  readonly number: number;
  readonly latest: CrlRecord | null;
  readonly revoked: readonly LedgerEntry[];
}

const dayMs = 24 * 3_600_000;

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

/** @throws CaError `bad-argument` */
export function requirePermanentReason(reason: PermanentRevocationReason): void {
  if (permanent.has(reason)) return;
  throw new CaError('bad-argument', `${quoted(reason)} is no reason for which a certificate is revoked for good`);
}

/** A certificate stays on the list until it was on one that was made after its end (RFC 5280 section 3.3). */
function isDue({ notAfter, revoked }: LedgerEntry, latest: CrlRecord | null): boolean {
  return latest === null || latest.at <= notAfter || (revoked !== null && revoked.at > latest.at);
}

/**
 * @returns PEM, and from when on the list proves nothing
 * @throws CaError `not-a-ca`, `issuer-not-valid`, `bad-argument`
 */
export function signedCrl(
  issuer: Issuer,
  { now, number, latest, revoked }: CrlState,
  { lifetimeMs = dayMs }: CrlOptions,
): { crl: string; nextUpdate: Date } {
  const { info, subjectName } = issuer.certificate;
  if (!canSignLists(issuer.certificate)) throw new CaError('not-a-ca', 'the issuing certificate may not sign lists');
  if (!(lifetimeMs >= 1000)) throw new CaError('bad-argument', 'lifetimeMs is at least 1000 milliseconds');
  if (!(now >= info.notBefore && now <= info.notAfter)) {
    throw new CaError('issuer-not-valid', 'the issuing certificate is not valid now');
  }
  const nextUpdate = new Date(now.getTime() + lifetimeMs);
  const entries = revoked.flatMap((entry) => {
    if (entry.revoked === null || !isDue(entry, latest)) return [];
    const { at, reason } = entry.revoked;
    return [[entry.serial, { serial: entry.serial, revokedAt: new Date(at), reason }] as const];
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
