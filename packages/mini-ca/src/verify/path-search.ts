/**
 * Searches for paths from a leaf to an anchor (RFC 4158). The search is depth-first and tries the most likely issuer first; the
 * order does not depend on that of the given certificates. It only follows issuers whose signature and rules hold, checks each
 * pair of certificates once, and does not try a certificate again that leads to no anchor.
 */
import { CaError } from '../errors.ts';
import type { ParsedCertificate } from '../x509/certificate.ts';
import type { Purpose } from '../x509/extensions.ts';
import { requireConforming, type VerifyProfile } from './conformance.ts';
import { atPosition, checkCertificate, failureOf, type PathFailures } from './path-failure.ts';
import {
  isSelfIssued,
  requireIssuer,
  requireKeyIdentifierOf,
  requirePathLength,
  requireSignedBy,
  requireSigningKey,
  requireValidAt,
} from './path-rules.ts';
import type { WorkBudget } from './work-budget.ts';

/** The largest number of CAs between a leaf and an anchor, self-issued ones included. Real paths have fewer. */
export const maxPathIntermediates = 8;

/** A path, the leaf first. */
export type Path = readonly ParsedCertificate[];

/** What a search uses. */
export interface SearchOptions {
  readonly anchors: readonly ParsedCertificate[];
  readonly intermediates: readonly ParsedCertificate[];
  readonly at: Date;
  readonly purpose: Purpose;
  readonly profile: VerifyProfile;
  /** The largest number of CAs between the leaf and the anchor. Self-issued ones do not count. */
  readonly maxIntermediates: number;
  readonly budget: WorkBudget;
  readonly failures: PathFailures;
}

/** True for certificates of the same CA: the same name and key. */
function isSameEntity(a: ParsedCertificate, b: ParsedCertificate): boolean {
  return a.subject.key === b.subject.key && Buffer.compare(a.spki, b.spki) === 0;
}

/** Compares by the first position that differs. */
function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  const place = a.findIndex((value, i) => value !== b[i]);
  if (place < 0) return 0;
  return (a[place] ?? 0) < (b[place] ?? 0) ? -1 : 1;
}

/** Requires no more CAs above the leaf than the caller and this library allow. */
function requireDepth(path: Path, maxIntermediates: number): void {
  const issuers = path.slice(1);
  const counted = issuers.filter((issuer) => !isSelfIssued(issuer)).length;
  if (issuers.length <= maxPathIntermediates && counted <= maxIntermediates) return;
  const allowed = Math.min(maxIntermediates, maxPathIntermediates);
  throw new CaError('path-too-long', `the path has more than ${allowed} intermediates`);
}

/** A search for paths to the anchors. */
export class PathSearch {
  readonly #options: SearchOptions;
  readonly #anchors: ReadonlySet<ParsedCertificate>;
  readonly #bySubject = new Map<string, ParsedCertificate[]>();
  /** For each subject and candidate issuer that were checked: true when the candidate is a valid issuer. */
  readonly #steps = new Map<ParsedCertificate, Map<ParsedCertificate, boolean>>();
  readonly #deadEnds = new Set<ParsedCertificate>();

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#anchors = new Set(options.anchors);
    const seen = new Set<string>();
    // Anchors first, so that a certificate that is also an intermediate is an anchor.
    for (const certificate of [...options.anchors, ...options.intermediates]) {
      if (seen.has(certificate.info.fingerprint)) continue;
      seen.add(certificate.info.fingerprint);
      const namesakes = this.#bySubject.get(certificate.subject.key);
      if (namesakes === undefined) this.#bySubject.set(certificate.subject.key, [certificate]);
      else namesakes.push(certificate);
    }
  }

  /**
   * Yields each path from the leaf to an anchor in which every certificate is a valid issuer of the one before. Adds the failures of
   * all other candidates to `failures`.
   *
   * @throws CaError `search-limit`
   */
  *pathsFrom(leaf: ParsedCertificate): Generator<Path, void> {
    yield* this.#extend([leaf], leaf);
  }

  /** Extends a path by each issuer of its end. Returns true when the end leads to no anchor, on this path or on any other. */
  *#extend(path: Path, end: ParsedCertificate): Generator<Path, boolean> {
    let isDeadEnd = true;
    let hasIssuer = false;
    for (const issuer of this.#issuersOf(end)) {
      this.#options.budget.spend('steps');
      if (this.#isLoop(path, issuer)) {
        isDeadEnd = false;
        continue;
      }
      hasIssuer = true;
      if (this.#deadEnds.has(issuer) || !this.#isStep(path, end, issuer)) continue;
      const longer = [...path, issuer];
      if (!this.#isShortEnough(path, issuer)) isDeadEnd = false;
      else if (this.#anchors.has(issuer)) {
        isDeadEnd = false;
        yield longer;
      } else if (yield* this.#extend(longer, issuer)) this.#deadEnds.add(issuer);
      else isDeadEnd = false;
    }
    if (!hasIssuer) {
      const error = new CaError('unknown-issuer', 'no anchor or intermediate has the name of its issuer');
      this.#options.failures.add(atPosition(error, end, path.length - 1));
    }
    return isDeadEnd;
  }

  /** True when the issuer is already on the path. A leaf that is an anchor passes, because the rules report it more precisely. */
  #isLoop(path: Path, issuer: ParsedCertificate): boolean {
    if (path.length === 1 && this.#anchors.has(issuer)) return false;
    return path.some((certificate) => isSameEntity(certificate, issuer));
  }

  /** Returns the certificates with the name of the issuer, the most likely first. */
  #issuersOf(subject: ParsedCertificate): ParsedCertificate[] {
    const { at } = this.#options;
    const namesakes = this.#bySubject.get(subject.issuer.key) ?? [];
    if (namesakes.length < 2) return namesakes;
    const order = (issuer: ParsedCertificate): readonly (number | string)[] => [
      Number(!this.#anchors.has(issuer)),
      Number(at < issuer.info.notBefore || at > issuer.info.notAfter),
      -issuer.info.notAfter.getTime(),
      issuer.info.fingerprint,
    ];
    return namesakes
      .map((issuer) => ({ issuer, order: order(issuer) }))
      .sort((a, b) => compare(a.order, b.order))
      .map(({ issuer }) => issuer);
  }

  /** Checks once for each pair that the candidate is a valid issuer of the end of the path. */
  #isStep(path: Path, subject: ParsedCertificate, issuer: ParsedCertificate): boolean {
    const { at, purpose, profile, budget } = this.#options;
    const known = this.#steps.get(subject)?.get(issuer);
    if (known !== undefined) return known;
    const isStep = this.#holds(() => {
      checkCertificate(subject, path.length - 1, () => requireKeyIdentifierOf(subject, issuer));
      checkCertificate(issuer, path.length, () => requireSigningKey(issuer));
      budget.spend('signatures');
      checkCertificate(subject, path.length - 1, () => requireSignedBy(subject, issuer));
      checkCertificate(issuer, path.length, () => {
        requireIssuer(issuer, purpose);
        requireConforming(issuer, { profile, purpose, isLeaf: false, isTrusted: this.#anchors.has(issuer) });
        requireValidAt(issuer, at);
      });
    });
    const steps = this.#steps.get(subject) ?? new Map<ParsedCertificate, boolean>();
    this.#steps.set(subject, steps.set(issuer, isStep));
    return isStep;
  }

  #isShortEnough(path: Path, issuer: ParsedCertificate): boolean {
    return this.#holds(() =>
      checkCertificate(issuer, path.length, () => {
        requirePathLength(path, issuer);
        requireDepth(path, this.#options.maxIntermediates);
      }),
    );
  }

  /** Runs a rule. Adds its failure to `failures`. */
  #holds(rule: () => void): boolean {
    const failure = failureOf(rule);
    if (failure !== null) this.#options.failures.add(failure);
    return failure === null;
  }
}
