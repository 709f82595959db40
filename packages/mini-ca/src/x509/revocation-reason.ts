/** The reasons for which a certificate is revoked (RFC 5280 section 5.3.1). */
import { CaError } from '../errors.ts';

/** The reason for which a certificate was revoked (RFC 5280 section 5.3.1). */
export type RevocationReason =
  | 'unspecified'
  | 'keyCompromise'
  | 'cACompromise'
  | 'affiliationChanged'
  | 'superseded'
  | 'cessationOfOperation'
  | 'certificateHold'
  | 'privilegeWithdrawn'
  | 'aACompromise';

const numbers: Readonly<Record<RevocationReason, number>> = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
};

const reasons = new Map(Object.entries(numbers).map(([reason, number]) => [number, reason as RevocationReason]));

/** Returns the value of the reason in its ENUMERATED. */
export function reasonNumber(reason: RevocationReason): number {
  return numbers[reason];
}

/**
 * Returns the reason of an ENUMERATED.
 *
 * @throws CaError `malformed` for an unassigned number, and for removeFromCRL, which only delta lists may have
 */
export function reasonFromNumber(number: number | undefined): RevocationReason {
  const reason = number === undefined ? undefined : reasons.get(number);
  if (reason === undefined) throw new CaError('malformed', `${number} is not a reason code of a complete list`);
  return reason;
}
