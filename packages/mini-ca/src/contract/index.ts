/**
 * The contract of the `Ledger` port, as tests that every implementation runs.
 *
 * @module @chat/mini-ca/contract
 */
export { type LedgerSubject, ledgerContract, type TestFunction } from './ledger-contract.ts';
