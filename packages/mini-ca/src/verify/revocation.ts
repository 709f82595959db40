/**
 * Checks revocation (RFC 5280 section 6.3) with lists that the issuer of the certificate has signed. An entry in any current list of
 * the issuer revokes. That a certificate is not revoked is proved by a complete list, or by a partial one that covers this certificate.
 * Delta and indirect lists prove nothing, whether the extension that says so is critical or not.
 */
import { CaError } from '../errors.ts';
import type { ParsedCertificate } from '../x509/certificate.ts';
import { covers } from '../x509/distribution-point.ts';
import { keyUsageBits } from '../x509/key-usage.ts';
import type { ParsedCertificateList } from '../x509/revocation-list.ts';
import { isSignedBy } from '../x509/signature-algorithm.ts';
import { failureOf } from './path-failure.ts';
import type { WorkBudget } from './work-budget.ts';

/** The decision about a certificate for whose issuer no list was given. */
export type UnknownRevocation = 'allow' | 'refuse';

/** A list that could not be read. */
export interface UnreadableList {
  /** The key of the issuer's name, or null when not even that could be read. */
  readonly issuerKey: string | null;
  readonly error: CaError;
}

/** What a check uses. */
export interface RevocationOptions {
  readonly lists: readonly ParsedCertificateList[];
  readonly unreadable: readonly UnreadableList[];
  readonly unknown: UnknownRevocation;
  /** True when a list must have the form that RFC 5280 requires of CAs. */
  readonly mustConform: boolean;
  readonly at: Date;
  readonly budget: WorkBudget;
}

/** Checks certificates against revocation lists. Each list is verified once for each issuer. */
export class RevocationCheck {
  readonly #options: RevocationOptions;
  /** For each list and issuer: why the list cannot be used, or null when it can. */
  readonly #verdicts = new Map<ParsedCertificateList, Map<ParsedCertificate, CaError | null>>();

  constructor(options: RevocationOptions) {
    this.#options = options;
  }

  /**
   * Requires that no current list of the issuer contains the certificate, and that a complete one is among them. If lists of the
   * issuer were given and none is usable, the certificate is refused even if `unknown` is `allow`, so that an attacker gains nothing by
   * withholding new lists.
   *
   * @throws CaError `revoked`, `revocation-unknown`, `not-a-list-issuer`, `list-bad-signature`, `list-not-understood`,
   *   `list-not-yet-valid`, `list-expired`, `weak-digest`, `unsupported-algorithm`, `not-conforming`, `FormErrorCode`
   */
  requireNotRevoked(certificate: ParsedCertificate, issuer: ParsedCertificate): void {
    const { serial } = certificate.info;
    const lists = this.#options.lists.filter((list) => isListOf(issuer, list));
    const valid = lists.filter((list) => this.#verdict(list, issuer) === null);
    for (const { revoked, scope } of valid) {
      const entry = scope === 'indirect' ? undefined : revoked.get(serial);
      if (entry === undefined) continue;
      throw new CaError('revoked', `revoked at ${entry.revokedAt.toISOString()}: ${entry.reason ?? 'no reason given'}`);
    }
    const complete = valid.filter((list) => incompletenessOf(list, certificate) === null);
    if (complete.length === 0) throwIfAny(this.#reasonForNone(lists, { certificate, issuer }));
    // A newer list with an entry that cannot be read may revoke this certificate.
    const newest = Math.max(...complete.map(({ thisUpdate }) => thisUpdate.getTime()));
    const damaged = valid.find(({ damage, thisUpdate }) => damage !== null && thisUpdate.getTime() > newest);
    if (damaged !== undefined) throwIfAny(incompletenessOf(damaged, certificate));
  }

  /** Returns the reason for which no list proves anything. Returns null when no list of the issuer was given and none is required. */
  #reasonForNone(
    lists: readonly ParsedCertificateList[],
    { certificate, issuer }: { readonly certificate: ParsedCertificate; readonly issuer: ParsedCertificate },
  ): CaError | null {
    for (const list of lists) {
      const failure = this.#verdict(list, issuer) ?? incompletenessOf(list, certificate);
      if (failure !== null) return failure;
    }
    const { unreadable, unknown } = this.#options;
    const ofIssuer = unreadable.find(({ issuerKey }) => issuerKey === issuer.subject.key);
    if (ofIssuer !== undefined) return ofIssuer.error;
    if (unknown === 'allow') return null;
    const unread = unreadable.map(({ error }) => `; ${error.message}`).slice(0, 3);
    return new CaError('revocation-unknown', `no revocation list of its issuer was given${unread.join('')}`);
  }

  #verdict(list: ParsedCertificateList, issuer: ParsedCertificate): CaError | null {
    const verdicts = this.#verdicts.get(list) ?? new Map<ParsedCertificate, CaError | null>();
    const known = verdicts.get(issuer);
    if (known !== undefined) return known;
    const verdict = this.#failureOf(list, issuer);
    this.#verdicts.set(list, verdicts.set(issuer, verdict));
    return verdict;
  }

  #failureOf(list: ParsedCertificateList, issuer: ParsedCertificate): CaError | null {
    const { at, budget, mustConform } = this.#options;
    return failureOf(() => {
      budget.spend('signatures');
      requireSignedBy(list, issuer);
      const [deviation] = list.deviations;
      if (mustConform && deviation !== undefined) {
        throw new CaError('not-conforming', `the form of the revocation list: ${deviation.message}`, {
          cause: deviation,
        });
      }
      requireCurrent(list, at);
    });
  }
}

function throwIfAny(failure: CaError | null): void {
  if (failure !== null) throw failure;
}

/** Returns the reason for which a certificate that is not on the list may be revoked nevertheless, or null for a complete list. */
function incompletenessOf(
  { scope, coverage, damage }: ParsedCertificateList,
  certificate: ParsedCertificate,
): CaError | null {
  const isComplete =
    scope === 'complete' || (scope === 'partial' && coverage !== null && covers(coverage, certificate));
  if (!isComplete) {
    return new CaError(
      'list-not-understood',
      `a ${scope} revocation list does not prove that this certificate is not revoked: give the list of its distribution point, or the complete one`,
    );
  }
  if (damage === null) return null;
  const message = `an entry of the revocation list cannot be read, and may be for this certificate: ${damage.message}`;
  return new CaError('list-not-understood', message, { cause: damage });
}

/** True when the list has the issuer's name and, if both name a key, its key (5.2.1). A CA that has changed its key has lists of both keys. */
function isListOf({ subject, extensions: { subjectKeyId } }: ParsedCertificate, list: ParsedCertificateList): boolean {
  if (list.issuerName.key !== subject.key) return false;
  const { authorityKeyId } = list;
  return (
    authorityKeyId === undefined || subjectKeyId === undefined || Buffer.compare(authorityKeyId, subjectKeyId) === 0
  );
}

function requireSignedBy(list: ParsedCertificateList, { extensions, info }: ParsedCertificate): void {
  const { keyUsage = keyUsageBits.cRLSign } = extensions;
  if ((keyUsage & keyUsageBits.cRLSign) === 0) {
    throw new CaError('not-a-list-issuer', 'the key usage of its issuer does not allow it to sign revocation lists');
  }
  if (!isSignedBy(list, info.publicKey)) {
    throw new CaError('list-bad-signature', 'the revocation list is not signed by the key of the issuer');
  }
  if (list.notUnderstood.length > 0) {
    throw new CaError(
      'list-not-understood',
      `unknown critical extensions in the list: ${list.notUnderstood.join(', ')}`,
    );
  }
}

function requireCurrent({ thisUpdate, nextUpdate }: ParsedCertificateList, at: Date): void {
  const dates = `a revocation list from ${thisUpdate.toISOString()} to ${nextUpdate.toISOString()}`;
  if (at < thisUpdate) throw new CaError('list-not-yet-valid', `${dates}, verified for ${at.toISOString()}`);
  if (at > nextUpdate) {
    throw new CaError('list-expired', `${dates}, verified for ${at.toISOString()}: get a current list`);
  }
}
