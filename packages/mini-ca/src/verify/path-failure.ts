/** Of all the ways in which the candidates for a path failed, the one to tell. */

import { CaError, type CaErrorCode, quoted } from '../errors.ts';
import type { ParsedCertificate } from '../x509/certificate.ts';

/**
 * The nearer a candidate came to being the path that was meant, the more its failure says: one that is no issuer of the
 * certificate at all says least, a path that is whole and breaks a rule says most.
 */
const ranks: Partial<Record<CaErrorCode, number>> = {
  'key-identifier-mismatch': 0,
  'bad-signature': 1,
  'unknown-issuer': 2,
  'name-not-permitted': 4,
  'revocation-unknown': 5,
  'not-a-list-issuer': 5,
  'list-bad-signature': 5,
  'list-not-understood': 5,
  'list-not-yet-valid': 5,
  'list-expired': 5,
  revoked: 6,
};
/** A certificate that is the issuer and may not be: not a CA, expired, weak. */
const issuerRank = 3;

function rankOf({ code }: CaError): number {
  return ranks[code] ?? issuerRank;
}

function subjectOf({ info: { subject, names, serial } }: ParsedCertificate): string {
  return subject.commonName ?? subject.organization ?? names.dns?.[0] ?? names.ip?.[0] ?? `serial ${serial}`;
}

/** The same error, saying which certificate it is about. */
export function atPosition(error: CaError, certificate: ParsedCertificate, position: number): CaError {
  const subject = subjectOf(certificate);
  const where = position === 0 ? 'leaf' : `issuer ${position} of the path`;
  return new CaError(error.code, `${where}, ${quoted(subject)}: ${error.message}`, {
    cause: error,
    certificate: { position, subject, fingerprint: certificate.info.fingerprint },
  });
}

/** Why a rule does not hold; that the work is too much is no answer to that. */
export function failureOf(rule: () => void): CaError | undefined {
  try {
    rule();
    return undefined;
  } catch (error) {
    if (error instanceof CaError && error.code !== 'search-limit') return error;
    throw error;
  }
}

/** Runs a rule about one certificate of a path. */
export function about(certificate: ParsedCertificate, position: number, rule: () => void): void {
  const failure = failureOf(rule);
  if (failure !== undefined) throw atPosition(failure, certificate, position);
}

export class PathFailures {
  #best: CaError | undefined;

  /** The first of the highest rank stays. */
  add(error: CaError): void {
    if (this.#best === undefined || rankOf(error) > rankOf(this.#best)) this.#best = error;
  }

  /** What to throw when no path was found. */
  get best(): CaError {
    return this.#best ?? new CaError('unknown-issuer', 'no path to an anchor');
  }
}
