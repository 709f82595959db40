/**
 * Tests for implementations of the `Ledger` port.
 *
 * @module @chat/mini-ca/contract
 */
export { type LedgerSubject, ledgerContract, type TestFunction } from './ledger-contract.ts';
