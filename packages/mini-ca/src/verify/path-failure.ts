/** Selects, from the failures of all candidate paths, the one to report. */
import { CaError, type CaErrorCode, quoted } from '../errors.ts';
import type { ParsedCertificate } from '../x509/certificate.ts';

/**
 * The later a check fails, the more likely the candidate is the intended path. A certificate that is not the issuer at all has the
 * lowest rank; a complete path that breaks a rule has the highest.
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
/** The rank of failures of a certificate that is the issuer but must not be: not a CA, expired, weak. */
const issuerRank = 3;

function rankOf({ code }: CaError): number {
  return ranks[code] ?? issuerRank;
}

function subjectOf({ info: { subject, names, serial } }: ParsedCertificate): string {
  return subject.commonName ?? subject.organization ?? names.dns?.[0] ?? names.ip?.[0] ?? `serial ${serial}`;
}

/** Returns the error with the certificate that it concerns. */
export function atPosition(error: CaError, certificate: ParsedCertificate, position: number): CaError {
  const subject = subjectOf(certificate);
  const where = position === 0 ? 'leaf' : `issuer ${position} of the path`;
  return new CaError(error.code, `${where}, ${quoted(subject)}: ${error.message}`, {
    cause: error,
    certificate: { position, subject, fingerprint: certificate.info.fingerprint },
  });
}

/** Runs a rule. Returns the error that it throws, or null. Rethrows `search-limit`, which ends the whole search. */
export function failureOf(rule: () => void): CaError | null {
  try {
    rule();
    return null;
  } catch (error) {
    if (error instanceof CaError && error.code !== 'search-limit') return error;
    throw error;
  }
}

/** Runs a rule on one certificate of a path, and adds its position to the error. */
export function checkCertificate(certificate: ParsedCertificate, position: number, rule: () => void): void {
  const failure = failureOf(rule);
  if (failure !== null) throw atPosition(failure, certificate, position);
}

/** Collects failures and keeps the one to report. */
export class PathFailures {
  #best: CaError | null = null;

  /** Adds a failure. Of those with the highest rank, the first is kept. */
  add(error: CaError): void {
    if (this.#best === null || rankOf(error) > rankOf(this.#best)) this.#best = error;
  }

  /** The error to throw when no path was found. */
  get best(): CaError {
    return this.#best ?? new CaError('unknown-issuer', 'no path to an anchor');
  }
}
