/** What an implementation of the `Ledger` port must do, as tests that it runs. */
export { type LedgerSubject, ledgerContract, type TestFunction } from './ledger-contract.ts';
