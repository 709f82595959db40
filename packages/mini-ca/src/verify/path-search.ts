/**
 * Looking for ways from a leaf to an anchor (RFC 4158 has the lore). Depth first, the likeliest issuer first, in an order
 * that does not depend on that in which the certificates were given. Nothing is followed that is not an issuer by
 * signature and by rule, each pair of certificates is checked once, and a certificate from which nothing leads to an
 * anchor is not entered again.
 */

import { CaError } from '../errors.ts';
import type { ParsedCertificate } from '../x509/certificate.ts';
import type { Purpose } from '../x509/extensions.ts';
import { about, atPosition, failureOf, type PathFailures } from './path-failure.ts';
import {
  requireIssuer,
  requireNamed,
  requirePathLength,
  requireSignedBy,
  requireSigningKey,
  requireValidAt,
} from './path-rules.ts';
import type { WorkBudget } from './work-budget.ts';

/** More CAs between a leaf and an anchor than anybody has. */
const maxPathIntermediates = 8;

/** From the leaf upwards. */
export type Path = readonly ParsedCertificate[];

export interface SearchOptions {
  readonly anchors: readonly ParsedCertificate[];
  readonly intermediates: readonly ParsedCertificate[];
  readonly at: Date;
  readonly purpose: Purpose;
  readonly budget: WorkBudget;
  readonly failures: PathFailures;
}

/** The same name and key: a CA, of which there may be many certificates. */
function isSameEntity(a: ParsedCertificate, b: ParsedCertificate): boolean {
  return a.subject.key === b.subject.key && Buffer.compare(a.spki, b.spki) === 0;
}

/** By the first difference. */
function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  const place = a.findIndex((value, i) => value !== b[i]);
  if (place < 0) return 0;
  return (a[place] ?? 0) < (b[place] ?? 0) ? -1 : 1;
}

export class PathSearch {
  readonly #options: SearchOptions;
  readonly #anchors: ReadonlySet<ParsedCertificate>;
  readonly #bySubject = new Map<string, ParsedCertificate[]>();
  /** For every pair that was looked at: is the second the issuer of the first, and may it be? */
  readonly #steps = new Map<ParsedCertificate, Map<ParsedCertificate, boolean>>();
  readonly #deadEnds = new Set<ParsedCertificate>();

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#anchors = new Set(options.anchors);
    const seen = new Set<string>();
    // Anchors first: one that is among the intermediates too is an anchor.
    for (const certificate of [...options.anchors, ...options.intermediates]) {
      if (seen.has(certificate.info.fingerprint)) continue;
      seen.add(certificate.info.fingerprint);
      const namesakes = this.#bySubject.get(certificate.subject.key);
      if (namesakes === undefined) this.#bySubject.set(certificate.subject.key, [certificate]);
      else namesakes.push(certificate);
    }
  }

  /**
   * Every path from the leaf to an anchor on which each certificate is the issuer of the one before, may be, and is valid.
   * Why others were left is in `failures`.
   *
   * @throws CaError `search-limit`
   */
  *pathsFrom(leaf: ParsedCertificate): Generator<Path, void> {
    yield* this.#extend([leaf], leaf);
  }

  /** @returns whether nothing leads from the end of the path to an anchor, on this path or on any other */
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
      if (!this.#hasRoom(path, issuer)) isDeadEnd = false;
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

  /** A CA once more. The leaf as an anchor of its own is let through: the rules say better what is wrong with it. */
  #isLoop(path: Path, issuer: ParsedCertificate): boolean {
    if (path.length === 1 && this.#anchors.has(issuer)) return false;
    return path.some((certificate) => isSameEntity(certificate, issuer));
  }

  /** Everything in the name of the issuer, the likeliest first. */
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

  /** Is this the issuer of the end of the path, and one that may be? Asked once for every pair. */
  #isStep(path: Path, subject: ParsedCertificate, issuer: ParsedCertificate): boolean {
    const { at, purpose, budget } = this.#options;
    const known = this.#steps.get(subject)?.get(issuer);
    if (known !== undefined) return known;
    const isStep = this.#holds(() => {
      about(subject, path.length - 1, () => requireNamed(subject, issuer));
      about(issuer, path.length, () => requireSigningKey(issuer));
      budget.spend('signatures');
      about(subject, path.length - 1, () => requireSignedBy(subject, issuer));
      about(issuer, path.length, () => {
        requireIssuer(issuer, purpose);
        requireValidAt(issuer, at);
      });
    });
    const steps = this.#steps.get(subject) ?? new Map<ParsedCertificate, boolean>();
    this.#steps.set(subject, steps.set(issuer, isStep));
    return isStep;
  }

  #hasRoom(path: Path, issuer: ParsedCertificate): boolean {
    return this.#holds(() =>
      about(issuer, path.length, () => {
        requirePathLength(path, issuer);
        if (path.length > maxPathIntermediates + 1) {
          throw new CaError('path-too-long', `a path of more than ${maxPathIntermediates} intermediates`);
        }
      }),
    );
  }

  /** Runs a rule; why it does not hold is kept. */
  #holds(rule: () => void): boolean {
    const failure = failureOf(rule);
    if (failure !== undefined) this.#options.failures.add(failure);
    return failure === undefined;
  }
}
