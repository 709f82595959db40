/** What the parts of the suite are given. */
import type { Store } from '../ports/store.ts';

export interface Subject {
  /** The store that is open now. */
  readonly store: Store;
  /** Closes it and opens it anew over the same data. */
  reopen(): Promise<void>;
}
