/** The contract of a `Store`. An adapter calls `storeContract` in a test file of its own. */
import { ledgerContract } from '@chat/mini-ca/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../ports/store.ts';
import { directoryContract } from './directory-contract.ts';
import { hashOf, joinOf } from './fixtures.ts';
import { invitationContract } from './invitation-contract.ts';
import { keyContract } from './key-contract.ts';
import { logContract } from './log-contract.ts';
import { revocationContract } from './revocation-contract.ts';
import { roomContract } from './room-contract.ts';
import type { Subject } from './subject.ts';

export interface OpenedStore {
  /** An empty store. */
  readonly store: Store;
  /** Closes the store that is open and opens it anew over the same data. */
  reopen(): Promise<Store>;
  /** Closes what is open and removes the data. */
  cleanup(): Promise<void>;
}

/**
 * Declares the whole suite, inside the caller's `describe` or at top level.
 *
 * @param open makes an empty store, anew for each test
 */
export function storeContract(open: () => Promise<OpenedStore>): void {
  let opened: OpenedStore;
  let store: Store;

  beforeEach(async () => {
    opened = await open();
    store = opened.store;
  });
  afterEach(() => opened.cleanup());

  const subject: Subject = {
    get store() {
      return store;
    },
    async reopen() {
      store = await opened.reopen();
    },
  };
  test('refusing and closing is not failing', async () => {
    const before = store;
    let failed = false;
    void before.failed.then(() => {
      failed = true;
    });
    await expect(before.append(joinOf(hashOf('no such room'), 9, 'ada'))).rejects.toThrow();
    expect(await before.load(hashOf('no such room'))).toBeNull();
    await subject.reopen();
    expect(store.failed).not.toBe(before.failed);
    expect(await store.findAccount('ada')).toBeNull();
    expect(failed).toBe(false);
  });
  describe('logs', () => logContract(subject));
  describe('rooms', () => roomContract(subject));
  describe('invitations', () => invitationContract(subject));
  describe('keys', () => keyContract(subject));
  describe('directory', () => directoryContract(subject));
  describe('revocation', () => revocationContract(subject));
  describe('ledger', () =>
    ledgerContract(test, async () => ({
      get ledger() {
        return store.ledger;
      },
      reopen: () => subject.reopen(),
      // After each test the store is closed as a whole.
      close: async () => {},
    })));
}
