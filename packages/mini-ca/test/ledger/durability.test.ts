/** A record is on the disk before the ledger says so. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';
import { afterEach, expect, test, vi } from 'vitest';
import { FileLedger } from '../../src/index.ts';
import { issuedRecord } from './records.ts';

const folder = temporaryFolder().path;

afterEach(() => void vi.restoreAllMocks());

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** The methods that all file handles share. */
async function handles(): Promise<FileHandle> {
  await using file = await open(join(folder, 'any'), 'w');
  return Object.getPrototypeOf(file);
}

test('append resolves only after the record is synced', async () => {
  const prototype = await handles();
  const [synced, asked] = [deferred(), deferred()];
  vi.spyOn(prototype, 'datasync').mockImplementation(async () => {
    asked.resolve();
    await synced.promise;
  });
  await using ledger = await FileLedger.open(join(folder, 'append'));
  const steps: string[] = [];
  const appended = ledger.append(issuedRecord('01')).then(() => steps.push('resolved'));
  await asked.promise;
  // A turn of the event loop, in which a promise that does not wait for the sync would resolve.
  await new Promise((resolve) => setImmediate(resolve));
  steps.push('synced');
  synced.resolve();
  await appended;
  expect(steps).toEqual(['synced', 'resolved']);
});

test('a record whose sync fails is refused, and so is every later one', async () => {
  vi.spyOn(await handles(), 'datasync').mockRejectedValue(new Error('EIO'));
  await using ledger = await FileLedger.open(join(folder, 'failing'));
  await expect(ledger.append(issuedRecord('01'))).rejects.toMatchObject({ code: 'ledger-failed' });
  await expect(ledger.append(issuedRecord('02'))).rejects.toMatchObject({ code: 'ledger-failed' });
});

test('opening syncs the file and, except on Windows, its folder', async () => {
  const sync = vi.spyOn(await handles(), 'sync');
  await using _ledger = await FileLedger.open(join(folder, 'opened'));
  expect(sync).toHaveBeenCalledTimes(process.platform === 'win32' ? 1 : 2);
});
