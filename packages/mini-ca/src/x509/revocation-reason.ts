/** The reasons for which a certificate is revoked (RFC 5280 section 5.3.1). */

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

/** Returns the reason of an ENUMERATED. Returns null for an unassigned number and for removeFromCRL, which only delta lists may have. */
export function reasonFromNumber(number: number | undefined): RevocationReason | null {
  return number === undefined ? null : (reasons.get(number) ?? null);
}
