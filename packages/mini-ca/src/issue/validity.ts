/** From when until when: never longer than the issuer itself (RFC 5280 section 6.1.3 a 2 would make it of no use). */
import { CaError } from '../errors.ts';
import type { Issuer } from './issuer.ts';

/** How far `notBefore` reaches back, so that a clock that is a little slow accepts a new certificate. */
export const defaultBackdateMs = 5 * 60_000;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * From `now` backdated to `now + lifetimeMs`, cut to the issuer's own validity.
 *
 * @throws CaError `bad-argument`; `issuer-not-valid` when the issuer is not valid now
 */
export function validityWithin(
  { certificate: ca }: Issuer,
  now: Date,
  lifetimeMs: number,
  backdateMs = defaultBackdateMs,
): Validity {
  if (!(lifetimeMs >= 1000) || !(backdateMs >= 0)) {
    throw new CaError('bad-argument', 'lifetimeMs is at least 1000 milliseconds, backdateMs 0 or more');
  }
  const at = now.getTime();
  const [first, last] = [ca.info.notBefore.getTime(), ca.info.notAfter.getTime()];
  if (!(at >= first && at <= last)) throw new CaError('issuer-not-valid', 'the issuing certificate is not valid now');
  return {
    notBefore: new Date(Math.max(at - backdateMs, first)),
    notAfter: new Date(Math.min(at + lifetimeMs, last)),
  };
}

/** @throws CaError `issuer-not-valid` when the dates reach outside of the issuer's */
export function requireWithin({ certificate: ca }: Issuer, { notBefore, notAfter }: Validity): void {
  // A date that is none compares false with everything, and is refused for what it is later.
  if (notBefore < ca.info.notBefore || notAfter > ca.info.notAfter) {
    throw new CaError('issuer-not-valid', 'the issuing certificate is not valid for as long as that');
  }
}
