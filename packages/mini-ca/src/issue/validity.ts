/** The validity of certificates: within that of the issuer, outside of which RFC 5280 section 6.1.3 (a) (2) refuses the path. */
import { requireDate } from '../arguments.ts';
import { CaError } from '../errors.ts';
import type { Issuer } from './issuer.ts';

/** The time by which `notBefore` precedes the time of issue, so that peers with slow clocks accept a new certificate. */
export const defaultBackdateMs = 5 * 60_000;

/** The first and the last second of the validity of a certificate. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The validity to be granted. */
export interface ValidityOptions {
  readonly now: Date;
  /** Milliseconds from `now`, at least 1000. */
  readonly lifetimeMs: number;
  /** Milliseconds before `now`. Default: `defaultBackdateMs`. */
  readonly backdateMs?: number;
}

/**
 * Returns the validity from `now - backdateMs` to `now + lifetimeMs`, cut to the validity of the issuer.
 *
 * @throws CaError `bad-argument`; `issuer-not-valid` when the issuer is not valid now
 */
export function validityWithin({ certificate: ca }: Issuer, options: ValidityOptions): Validity {
  const { now, lifetimeMs, backdateMs = defaultBackdateMs } = options;
  if (!(lifetimeMs >= 1000) || !(backdateMs >= 0)) {
    throw new CaError('bad-argument', 'lifetimeMs must be at least 1000, and backdateMs at least 0');
  }
  requireDate('now', now);
  const at = now.getTime();
  const [first, last] = [ca.info.notBefore.getTime(), ca.info.notAfter.getTime()];
  if (!(at >= first && at <= last)) throw new CaError('issuer-not-valid', 'the issuing certificate is not valid now');
  return {
    notBefore: new Date(Math.max(at - backdateMs, first)),
    notAfter: new Date(Math.min(at + lifetimeMs, last)),
  };
}

/**
 * Requires dates within the validity of the issuer.
 *
 * @throws CaError `issuer-not-valid`
 */
export function requireWithin({ certificate: ca }: Issuer, { notBefore, notAfter }: Validity): void {
  // Every comparison with an invalid date is false. `signedCertificate` refuses such dates.
  if (notBefore < ca.info.notBefore || notAfter > ca.info.notAfter) {
    throw new CaError('issuer-not-valid', 'the validity exceeds that of the issuing certificate');
  }
}
