/**
 * How much work one verification may be. Whoever presents a certificate chooses its intermediates, and a few dozen of
 * them that sign each other make more paths than anybody can walk. What is counted does not depend on the machine.
 */
import { CaError } from '../errors.ts';

const limits = {
  /** Signatures that are verified: each costs a tenth of a millisecond or more. */
  signatures: 100,
  /** Certificates that are tried as an issuer. */
  steps: 10_000,
  /** Names held against a constraint. */
  comparisons: 250_000,
} as const;

export class WorkBudget {
  readonly #spent: Record<keyof typeof limits, number> = { signatures: 0, steps: 0, comparisons: 0 };

  /** @throws CaError `search-limit` */
  spend(kind: keyof typeof limits, amount = 1): void {
    this.#spent[kind] += amount;
    if (this.#spent[kind] > limits[kind]) {
      throw new CaError('search-limit', `over ${limits[kind]} ${kind} without a verdict: give fewer intermediates`);
    }
  }
}
