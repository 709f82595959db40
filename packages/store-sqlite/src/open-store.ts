/** Opens a chat store: one SQLite file that survives a crash of the machine at any time, and a folder with the bytes of blobs. */
import { dirname, join, resolve } from 'node:path';
import type { Store } from '@chat/server-core';
import { sqliteBlobs } from './blobs/sqlite-blobs.ts';
import { StoreError } from './errors.ts';
import type { Call, Result } from './operation.ts';
import { sqliteLedger } from './sqlite-ledger.ts';
import { storeClosed, WorkerClient } from './thread/client.ts';

/** Options of `openSqliteStore`. */
export interface SqliteStoreOptions {
  /** False: throw `store-missing` instead of creating a store. Default: true. */
  readonly create?: boolean;
  /** True: change nothing, neither in the file nor its mode. Every write then fails. Default: false. */
  readonly readOnly?: boolean;
  /** How long a write waits for another process that writes. Default: 5000. */
  readonly busyTimeoutMs?: number;
  /** Maximum size of the file. A write that needs more fails as on a full disk. Default: no bound. */
  readonly maxBytes?: number;
  /** The folder with the bytes of blobs, which is created with the first one (mode 0700). Default: `blobs` beside the file. */
  readonly blobs?: string;
  /**
   * Called with the number of wraps, if there were any, that were deleted because an earlier version of the server had stored them in a
   * form that no client opens any more. Called once, before the store is returned. Default: nothing is called.
   */
  readonly wrapsDeleted?: (count: number) => void;
}

/**
 * Opens the store in a file. Creates the file (mode 0600) when it does not exist; its directory must exist. Several processes may
 * open the same file.
 *
 * The store's promises resolve when the data is durable. They reject with `StoreConflict` as the port says, and with
 * `StoreError`: `store-unavailable` (disk full, file not writable, locked for too long: nothing was stored, and the store works
 * again when the cause is gone), `store-damaged`, `store-closed`, `store-fault`. The ledger's promises also reject with
 * `CaError`, as its interface says.
 *
 * @param path of the file
 * @returns the store; the caller closes it
 * @throws StoreError `store-missing`, `store-damaged`, `store-too-old`, `store-too-new`, `store-unavailable`, `store-fault`
 */
export async function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Promise<Store> {
  const { create = true, readOnly = false, busyTimeoutMs = 5_000, maxBytes = null } = options;
  if (path === '' || path === ':memory:' || path !== path.trim()) {
    throw new StoreError(
      'store-unavailable',
      'The path of a store must be that of a file: neither empty nor `:memory:`, without spaces at its ends.',
    );
  }
  const client = await WorkerClient.start({
    path: resolve(path),
    options: { create: create && !readOnly, readOnly, busyTimeoutMs, maxBytes },
  });
  if (client.wrapsDeleted > 0) options.wrapsDeleted?.(client.wrapsDeleted);
  const folder = options.blobs ?? join(dirname(resolve(path)), 'blobs');
  let isClosing = false;
  const ask: Call =
    (operation) =>
    (...args) =>
      client.request(operation, args) as Promise<Result<typeof operation>>;
  // Calls of blobs that are in progress still need the thread while the store closes.
  const { blobs, settled } = sqliteBlobs({ call: ask, folder, damaged: (row) => client.reportDamage(row) });
  const call: Call = (operation) => {
    const request = ask(operation);
    return (...args) => (isClosing ? Promise.reject(storeClosed()) : request(...args));
  };
  return {
    append: call('append'),
    findAppended: call('findAppended'),
    load: call('load'),
    wasDeleted: call('wasDeleted'),
    findRoom: call('findRoom'),
    list: call('list'),
    roomsOf: call('roomsOf'),
    invitationsOf: call('invitationsOf'),
    read: call('read'),
    repair: call('repair'),
    logHashes: call('logHashes'),
    places: call('places'),
    putKnock: call('putKnock'),
    dismissKnock: call('dismissKnock'),
    knocksOf: call('knocksOf'),
    knocksAt: call('knocksAt'),
    putPrekey: call('putPrekey'),
    findPrekeys: call('findPrekeys'),
    putLinks: call('putLinks'),
    linksTo: call('linksTo'),
    linksFrom: call('linksFrom'),
    confirmLinks: call('confirmLinks'),
    loseLinks: call('loseLinks'),
    deleteLinks: call('deleteLinks'),
    expireLinks: call('expireLinks'),
    findWraps: call('findWraps'),
    findSheet: call('findSheet'),
    confirmWraps: call('confirmWraps'),
    expireWraps: call('expireWraps'),
    findAccount: call('findAccount'),
    register: call('register'),
    renewKey: call('renewKey'),
    renewalsOf: call('renewalsOf'),
    addInvitation: call('addInvitation'),
    openInvitations: call('openInvitations'),
    withdrawInvitation: call('withdrawInvitation'),
    listAccounts: call('listAccounts'),
    revokeAccount: call('revokeAccount'),
    freeNames: call('freeNames'),
    revokedAccounts: call('revokedAccounts'),
    assignCertificate: call('assignCertificate'),
    enterRun: call('enterRun'),
    certificatesOf: call('certificatesOf'),
    forgetCertificates: call('forgetCertificates'),
    roomUsage: call('roomUsage'),
    deleteRoom: call('deleteRoom'),
    messageUsage: call('messageUsage'),
    messagesOf: call('messagesOf'),
    setRetention: call('setRetention'),
    expire: call('expire'),
    putRecoveryKey: call('putRecoveryKey'),
    endRecovery: call('endRecovery'),
    findRecovery: call('findRecovery'),
    recoveryBytes: call('recoveryBytes'),
    putRecoveryChunk: call('putRecoveryChunk'),
    findRecoveryChunk: call('findRecoveryChunk'),
    recoveryChunks: call('recoveryChunks'),
    dropRecoveryChunks: call('dropRecoveryChunks'),
    putRecoveryManifest: call('putRecoveryManifest'),
    integrity: call('integrity'),
    damagedRows: call('damagedRows'),
    reusableBytes: call('reusableBytes'),
    blobs,
    ledger: sqliteLedger(call),
    failed: client.failed,
    watchDamage: (listener) => client.watchDamage(listener),
    async close() {
      isClosing = true;
      await settled();
      await client.close();
    },
  };
}
