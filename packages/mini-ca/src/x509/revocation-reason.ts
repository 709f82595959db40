/** Why a certificate was revoked (RFC 5280 section 5.3.1). */
import { CaError } from '../errors.ts';

const numbers = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

export type RevocationReason = keyof typeof numbers;

const reasons = new Map(
  Object.entries(numbers).map(([reason, number]) => [number as number, reason as RevocationReason]),
);

/** The value of the ENUMERATED. */
export function reasonNumber(reason: RevocationReason): number {
  return numbers[reason];
}

/**
 * @throws CaError `malformed` for a number that is not used, and for removeFromCRL, which belongs in delta lists only
 */
export function reasonFromNumber(number: number | undefined): RevocationReason {
  const reason = number === undefined ? undefined : reasons.get(number);
  if (reason === undefined) throw new CaError('malformed', `no reason code of a complete list: ${number}`);
  return reason;
}
