/**
 * Checks revocation (RFC 5280 section 6.3) with complete lists that the issuer of the certificate has signed. Delta lists and
 * indirect lists are refused.
 */
import { CaError } from '../errors.ts';
import type { ParsedCertificate } from '../x509/certificate.ts';
import { keyUsageBits } from '../x509/key-usage.ts';
import type { ParsedCertificateList } from '../x509/revocation-list.ts';
import { isSignedBy } from '../x509/signature-algorithm.ts';
import { failureOf } from './path-failure.ts';
import type { WorkBudget } from './work-budget.ts';

/** The decision about a certificate for whose issuer no list was given. */
export type UnknownRevocation = 'allow' | 'refuse';

/** What a check uses. */
export interface RevocationOptions {
  readonly lists: readonly ParsedCertificateList[];
  readonly unknown: UnknownRevocation;
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
   * Requires that no valid list of the issuer contains the certificate. If lists were given and none is valid, the certificate is
   * refused even if `unknown` is `allow`, so that an attacker gains nothing by withholding new lists.
   *
   * @throws CaError `revoked`, `revocation-unknown`, `not-a-list-issuer`, `list-bad-signature`, `list-not-understood`,
   *   `list-not-yet-valid`, `list-expired`, `weak-digest`, `unsupported-algorithm`, `malformed`
   */
  requireNotRevoked({ info: { serial } }: ParsedCertificate, issuer: ParsedCertificate): void {
    const lists = this.#options.lists.filter((list) => isListOf(issuer, list));
    if (lists.length === 0) {
      if (this.#options.unknown === 'allow') return;
      throw new CaError('revocation-unknown', 'no revocation list of its issuer was given');
    }
    const usable = lists.filter((list) => this.#verdict(list, issuer) === null);
    for (const { revoked } of usable) {
      const entry = revoked.get(serial);
      if (entry === undefined) continue;
      throw new CaError('revoked', `revoked at ${entry.revokedAt.toISOString()}: ${entry.reason ?? 'no reason given'}`);
    }
    if (usable.length > 0) return;
    for (const list of lists) {
      const failure = this.#verdict(list, issuer);
      if (failure !== null) throw failure;
    }
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
    const { at, budget } = this.#options;
    return failureOf(() => {
      budget.spend('signatures');
      requireSignedBy(list, issuer);
      requireCurrent(list, at);
    });
  }
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
