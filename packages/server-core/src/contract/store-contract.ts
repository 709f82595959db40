/** The contract of a `Store`, as tests for any runner. An adapter calls `storeContract` in a test file of its own. */
import assert from 'node:assert/strict';
import { ledgerContract, type TestFunction } from '@chat/mini-ca/contract';
import type { Store } from '../ports/store.ts';
import { blobContract } from './blob-contract.ts';
import { directoryContract } from './directory-contract.ts';
import { createOf, entryOf, epochOf, hashOf, joinOf } from './fixtures.ts';
import { invitationContract, knockContract } from './invitation-contract.ts';
import { keyContract } from './key-contract.ts';
import { linkContract } from './link-contract.ts';
import { logContract } from './log-contract.ts';
import { recoveryContract } from './recovery-contract.ts';
import { retentionContract } from './retention-contract.ts';
import { revocationContract } from './revocation-contract.ts';
import { roomContract } from './room-contract.ts';
import type { ContractTest } from './subject.ts';
import { wrapContract } from './wrap-contract.ts';

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
  maintenanceContract(group('maintenance'));
  logContract(group('logs'));
  retentionContract(group('retention'));
  roomContract(group('rooms'));
  invitationContract(group('invitations'));
  knockContract(group('knocks'));
  keyContract(group('keys'));
  linkContract(group('links'));
  wrapContract(group('wraps'));
  blobContract(group('blobs'));
  directoryContract(group('directory'));
  revocationContract(group('revocation'));
  recoveryContract(group('recovery'));
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

function maintenanceContract(test: ContractTest): void {
  const [den, attic] = [hashOf('den'), hashOf('attic')].sort() as [string, string];

  test('reports what each room needs, in pages', async (subject) => {
    const entries = [createOf(den, 'den', 'alice'), entryOf(den, 2, 'alice', { payload: '\u00e9\u00e9' })];
    for (const entry of [...entries, createOf(attic, 'attic', 'bob')]) await subject.store.append(entry);
    const [first] = entries;
    assert.deepEqual(await subject.store.roomUsage(null, 1), [
      {
        room: den,
        name: 'den',
        members: 1,
        entries: 2,
        bytes: (first?.entry.payload.length ?? 0) + 4,
        deleted: 0,
        retention: { ageMs: null, messages: null, bytes: null },
        lastAt: entries[1]?.at,
      },
    ]);
    assert.deepEqual(
      (await subject.store.roomUsage(den, 10)).map(({ name }) => name),
      ['attic'],
    );
    assert.deepEqual(await subject.store.integrity(), []);
    assert.ok((await subject.store.reusableBytes()) >= 0);
  });

  test('deletes a room with everything that belongs to it, and no other', async (subject) => {
    const { store } = subject;
    for (const [id, name] of [
      [den, 'den'],
      [attic, 'attic'],
    ] as const) {
      await store.append(createOf(id, name, 'alice'));
      await store.append(epochOf(id, 2, 'alice', { number: 1, answers: 1, to: [hashOf('alice')] }));
    }
    assert.equal(await store.wasDeleted(den), false);
    assert.equal(await store.deleteRoom(den), true);
    assert.equal(await store.deleteRoom(den), false);
    await subject.reopen();
    assert.equal(await subject.store.wasDeleted(den), true);
    assert.equal(await subject.store.wasDeleted(attic), false);
    assert.equal(await subject.store.load(den), null);
    assert.deepEqual(await subject.store.findWraps(den, hashOf('alice'), { from: 1, to: 9 }), []);
    assert.deepEqual(await subject.store.roomsOf('alice'), [attic]);
    assert.equal((await subject.store.read(attic, 0, 10, 1e9)).length, 2);
    assert.deepEqual(await subject.store.integrity(), []);
    // The name and the id are free again.
    await subject.store.append(createOf(den, 'den', 'alice'));
  });
}
