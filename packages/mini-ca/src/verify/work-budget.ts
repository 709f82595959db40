/**
 * Bounds the work of one verification. The peer chooses the intermediates, and a few dozen that sign each other make too many paths
 * to try. The bounds count operations, not time, so that the result does not depend on the machine.
 */
import { CaError } from '../errors.ts';

const limits = {
  /** Verified signatures. Each takes at least 0.1 ms. */
  signatures: 100,
  /** Certificates that were tried as an issuer. */
  steps: 10_000,
  /** Comparisons of a name with a constraint. */
  comparisons: 250_000,
} as const;

/** Counts the work of one verification. */
export class WorkBudget {
  readonly #spent: Record<keyof typeof limits, number> = { signatures: 0, steps: 0, comparisons: 0 };

  /**
   * Adds to the work that was done.
   *
   * @throws CaError `search-limit`
   */
  spend(kind: keyof typeof limits, amount = 1): void {
    this.#spent[kind] += amount;
    if (this.#spent[kind] > limits[kind]) {
      throw new CaError('search-limit', `no result after ${limits[kind]} ${kind}: give fewer intermediates`);
    }
  }
}
