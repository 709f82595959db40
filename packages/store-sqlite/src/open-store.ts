/** Opens a chat store: one SQLite file that survives a crash of the machine at any moment. */
import { resolve } from 'node:path';
import type { Store } from '@chat/server-core';
import { StoreError } from './errors.ts';
import type { Call, Result } from './operation.ts';
import { sqliteLedger } from './sqlite-ledger.ts';
import { WorkerClient } from './thread/client.ts';

export interface SqliteStoreOptions {
  /** False: throw `store-missing` when there is no store at the path, in place of making one. Default true. */
  readonly create?: boolean;
  /** How long a write waits for another process that writes, in milliseconds. Default 5000. */
  readonly busyTimeout?: number;
  /** The file never grows beyond this many bytes: what needs more is refused as on a full disk. Default: no bound. */
  readonly maxBytes?: number;
}

/**
 * Opens the store in the file at `path`, which is made (mode 0600) when it is not there; its directory must be.
 *
 * The store's promises resolve when what was written is durable. They reject with `StoreConflict` as the port says, and
 * with `StoreError`: `store-unavailable` (disk full, file not writable, locked for too long: nothing was acknowledged,
 * and the store works on when the cause has gone), `store-damaged`, `store-closed`.
 * Several processes may open the same file.
 *
 * Throws `StoreError`: `store-missing`, `store-damaged`, `store-too-old`, `store-too-new`, `store-unavailable`.
 */
export async function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Promise<Store> {
  const { create = true, busyTimeout = 5_000, maxBytes = null } = options;
  if (path === '' || path === ':memory:' || path !== path.trim()) {
    throw new StoreError('store-unavailable', 'A store needs the path of a file.');
  }
  const client = await WorkerClient.start({ path: resolve(path), options: { create, busyTimeout, maxBytes } });
  const call: Call =
    (operation) =>
    (...args) =>
      client.request(operation, args) as Promise<Result<typeof operation>>;
  return {
    append: call('append'),
    findAppended: call('findAppended'),
    load: call('load'),
    findByName: call('findByName'),
    list: call('list'),
    roomsOf: call('roomsOf'),
    invitationsOf: call('invitationsOf'),
    read: call('read'),
    logHashes: call('logHashes'),
    findWrap: call('findWrap'),
    putWrap: call('putWrap'),
    putKnock: call('putKnock'),
    knocksAt: call('knocksAt'),
    putPrekey: call('putPrekey'),
    findPrekeys: call('findPrekeys'),
    findAccount: call('findAccount'),
    register: call('register'),
    addInvitation: call('addInvitation'),
    listAccounts: call('listAccounts'),
    revokeAccount: call('revokeAccount'),
    revokedAccounts: call('revokedAccounts'),
    assignCertificate: call('assignCertificate'),
    certificatesOf: call('certificatesOf'),
    ledger: sqliteLedger(call),
    failed: client.failed,
    close: () => client.close(),
  };
}
