/** The contract of a `Store`, as tests for any runner. An adapter calls `storeContract` in a test file of its own. */
import assert from 'node:assert/strict';
import { ledgerContract, type TestFunction } from '@chat/mini-ca/contract';
import type { Store } from '../ports/store.ts';
import { directoryContract } from './directory-contract.ts';
import { hashOf, joinOf } from './fixtures.ts';
import { invitationContract } from './invitation-contract.ts';
import { keyContract } from './key-contract.ts';
import { logContract } from './log-contract.ts';
import { revocationContract } from './revocation-contract.ts';
import { roomContract } from './room-contract.ts';
import type { ContractTest } from './subject.ts';

/** A store under test, with the means to reopen it and to remove its data. */
export interface OpenedStore {
  /** An empty store. */
  readonly store: Store;
  /** Closes the open store and opens it again over the same data. */
  reopen(): Promise<Store>;
  /** Closes the open store and removes its data. */
  cleanup(): Promise<void>;
}

/**
 * Declares all tests of the contract.
 *
 * @param test declares a test: `test` of vitest, node:test, jest and others
 * @param open creates an empty store; called once for each test
 */
export function storeContract(test: TestFunction, open: () => Promise<OpenedStore>): void {
  const group =
    (title: string): ContractTest =>
    (name, run) => {
      test(`${title}: ${name}`, async () => {
        const opened = await open();
        let { store } = opened;
        const subject = {
          get store() {
            return store;
          },
          async reopen() {
            store = await opened.reopen();
          },
        };
        try {
          await run(subject);
        } finally {
          await opened.cleanup();
        }
      });
    };

  lifeContract(group('life'));
  logContract(group('logs'));
  roomContract(group('rooms'));
  invitationContract(group('invitations'));
  keyContract(group('keys'));
  directoryContract(group('directory'));
  revocationContract(group('revocation'));
  ledgerContract(
    (name, run) => test(`ledger: ${name}`, run),
    async () => {
      const opened = await open();
      let { store } = opened;
      return {
        get ledger() {
          return store.ledger;
        },
        async reopen() {
          store = await opened.reopen();
        },
        close: () => opened.cleanup(),
      };
    },
  );
}

function lifeContract(test: ContractTest): void {
  test('does not report a refusal or a close as a failure', async (subject) => {
    const before = subject.store;
    let failed = false;
    void before.failed.then(() => {
      failed = true;
    });
    await assert.rejects(before.append(joinOf(hashOf('no such room'), 9, 'alice')));
    assert.equal(await before.load(hashOf('no such room')), null);
    await subject.reopen();
    assert.notEqual(subject.store.failed, before.failed);
    assert.equal(await subject.store.findAccount('alice'), null);
    assert.equal(failed, false);
  });
}
