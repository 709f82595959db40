/** What the parts of the contract suite are given. */
import type { Store } from '../ports/store.ts';

/** The store under test, as each test gets it. */
export interface Subject {
  /** The store that is open now. */
  readonly store: Store;
  /** Closes the store and opens it again over the same data. */
  reopen(): Promise<void>;
}

/** Declares a test that gets an empty store. */
export type ContractTest = (name: string, run: (subject: Subject) => Promise<void>) => void;
