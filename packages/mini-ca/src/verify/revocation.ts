/**
 * Is a certificate revoked (RFC 5280 section 6.3)? Answered from the complete lists that its own issuer signed; delta and
 * indirect lists are refused.
 */

import { CaError } from '../errors.ts';
import type { ParsedCertificate } from '../x509/certificate.ts';
import { keyUsageBits } from '../x509/key-usage.ts';
import type { ParsedCertificateList } from '../x509/revocation-list.ts';
import { verifyBytes } from '../x509/signature-algorithm.ts';
import { failureOf } from './path-failure.ts';
import type { WorkBudget } from './work-budget.ts';

/** What to make of a certificate for which there is no list at all. */
export type UnknownRevocation = 'allow' | 'refuse';

export interface RevocationOptions {
  readonly lists: readonly ParsedCertificateList[];
  readonly unknown: UnknownRevocation;
  readonly at: Date;
  readonly budget: WorkBudget;
}

export class RevocationCheck {
  readonly #options: RevocationOptions;
  /** What is the matter with a list under an issuer, or nothing. */
  readonly #verdicts = new Map<ParsedCertificateList, Map<ParsedCertificate, CaError | undefined>>();

  constructor(options: RevocationOptions) {
    this.#options = options;
  }

  /**
   * A list that is in order decides. One that is there but not in order, without another that is, refuses the certificate
   * whatever `unknown` says: whoever keeps a stale list in place must not gain by it.
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
    const usable = lists.filter((list) => this.#verdict(list, issuer) === undefined);
    for (const { revoked } of usable) {
      const entry = revoked.get(serial);
      if (entry === undefined) continue;
      throw new CaError('revoked', `revoked at ${entry.revokedAt.toISOString()}: ${entry.reason ?? 'no reason given'}`);
    }
    if (usable.length > 0) return;
    for (const list of lists) {
      const failure = this.#verdict(list, issuer);
      if (failure !== undefined) throw failure;
    }
  }

  #verdict(list: ParsedCertificateList, issuer: ParsedCertificate): CaError | undefined {
    const known = this.#verdicts.get(list);
    if (known?.has(issuer)) return known.get(issuer);
    const verdict = this.#failureOf(list, issuer);
    this.#verdicts.set(list, (known ?? new Map()).set(issuer, verdict));
    return verdict;
  }

  #failureOf(list: ParsedCertificateList, issuer: ParsedCertificate): CaError | undefined {
    const { at, budget } = this.#options;
    return failureOf(() => {
      budget.spend('signatures');
      requireSignedBy(list, issuer);
      requireCurrent(list, at);
    });
  }
}

/** By name and, where both say which, by key (5.2.1): a CA that has changed its key has lists of both. */
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
    throw new CaError('not-a-list-issuer', 'the key usage of its issuer is not to sign revocation lists');
  }
  if (!verifyBytes(list.signed, list.algorithm, list.signature, info.publicKey)) {
    throw new CaError('list-bad-signature', 'the revocation list is not signed by the key of the issuer');
  }
  if (list.notUnderstood.length > 0) {
    throw new CaError('list-not-understood', `critical extensions in the list: ${list.notUnderstood.join(', ')}`);
  }
}

function requireCurrent({ thisUpdate, nextUpdate }: ParsedCertificateList, at: Date): void {
  const dates = `a revocation list from ${thisUpdate.toISOString()} to ${nextUpdate.toISOString()}`;
  if (at < thisUpdate) throw new CaError('list-not-yet-valid', `${dates}, asked for ${at.toISOString()}`);
  if (at > nextUpdate) throw new CaError('list-expired', `${dates}, asked for ${at.toISOString()}: fetch the next`);
}
