/** The thread that owns the database: commits waiting requests together and answers them. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { DamagedRow } from '@chat/server-core';
import { Checkpoint } from '../file/checkpoint.ts';
import { openDatabase } from '../file/database.ts';
import { nameOfRow } from '../file/row-checks.ts';
import type { FromWorker, Request, ToWorker, WorkerData } from '../operation.ts';
import { blobTables } from '../tables/blob-tables.ts';
import { directoryTables } from '../tables/directory-tables.ts';
import { freedNames, renewalTables } from '../tables/identity-key-tables.ts';
import { invitationTables } from '../tables/invitation-tables.ts';
import { knockTables } from '../tables/knock-tables.ts';
import { ledgerTables } from '../tables/ledger-tables.ts';
import { linkTables } from '../tables/link-tables.ts';
import { logTables } from '../tables/log-tables.ts';
import { maintenanceTables } from '../tables/maintenance-tables.ts';
import { prekeyTables } from '../tables/prekey-tables.ts';
import { recoveryTables } from '../tables/recovery-tables.ts';
import { retentionTables } from '../tables/retention-tables.ts';
import { RoomHeads } from '../tables/room-heads.ts';
import { roomTables } from '../tables/room-tables.ts';
import { wrapTables } from '../tables/wrap-tables.ts';
import { unpackBatch } from './batch.ts';
import { failureOf, groupCommit } from './group-commit.ts';

/** Requests in one transaction. The first of them waits for the last. */
const maxBatchRequests = 512;

const port = parentPort;
if (port === null) throw new Error('This module runs in a worker thread.');
const { path, options } = workerData as WorkerData;
const send = (message: FromWorker): void => port.postMessage(message);

try {
  let damaged: DamagedRow[] = [];
  let wrapsDeleted = 0;
  const database = openDatabase(path, options, {
    damaged: (row) => damaged.push(row),
    wrapsDeleted: (count) => {
      wrapsDeleted = count;
    },
  });
  const nameOf = nameOfRow(database);
  const heads = new RoomHeads(database);
  const directory = directoryTables(database);
  const tables = {
    ...logTables(database, heads),
    ...roomTables(database),
    ...knockTables(database),
    ...prekeyTables(database),
    ...linkTables(database),
    ...wrapTables(database),
    ...directory,
    ...renewalTables(database, directory),
    ...freedNames(database, directory),
    ...invitationTables(database),
    ...ledgerTables(database),
    ...maintenanceTables(database),
    ...retentionTables(database),
    ...blobTables(database),
    ...recoveryTables(database),
  };
  const runBatch = groupCommit(database, tables, heads);
  const checkpoint = new Checkpoint(database);
  const queue: Request[] = [];
  let closing = false;

  const take = (message: ToWorker): void => {
    if (message === 'close') closing = true;
    else for (const request of unpackBatch(message)) queue.push(request);
  };

  port.on('message', (first: ToWorker) => {
    take(first);
    let requests = 0;
    do {
      for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
        take(next.message);
      }
      if (queue.length === 0) continue;
      const batch = queue.splice(0, maxBatchRequests);
      requests += batch.length;
      const answers = runBatch(batch);
      if (damaged.length > 0) send({ damaged: damaged.map(nameOf) });
      damaged = [];
      send({ upTo: batch.at(-1)?.id ?? 0, answers });
    } while (queue.length > 0);

    if (!closing) return checkpoint.afterBatch(requests);
    checkpoint.stop();
    // When the last connection closes, SQLite copies the write-ahead log into the database and removes it.
    database.close();
    port.close();
  });
  send({ opened: { wrapsDeleted } });
} catch (error) {
  send(failureOf(error, path));
  port.close();
}
