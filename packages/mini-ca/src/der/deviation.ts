/**
 * Deviations: input that this library can read without doubt although its form is not the one that RFC 5280 requires. Public CAs
 * have issued such certificates. A reader passes each deviation to its caller, which decides: a request is refused, a certificate
 * is read, and the profiles of `verifyCertificate` refuse it.
 */
import type { CaError } from '../errors.ts';

/** Receives a deviation, as the error that a strict caller throws. */
export type OnDeviation = (deviation: CaError) => void;

/**
 * Refuses every deviation.
 *
 * @throws CaError the deviation
 */
export const refuseDeviation: OnDeviation = (deviation) => {
  throw deviation;
};
