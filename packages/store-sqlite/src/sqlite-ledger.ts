/** mini-ca's ledger, implemented by calls to the worker. */
import type { Ledger, LedgerRecord } from '@chat/mini-ca';
import type { Call } from './operation.ts';

/** Records that are read at a time. Each has about two kilobytes. */
const recordsPerPage = 200;

/** Returns a ledger whose methods call the worker. */
export function sqliteLedger(call: Call): Ledger {
  const readRecords = call('readRecords');

  async function* records(): AsyncGenerator<LedgerRecord> {
    for (let after = 0; ; ) {
      const page = await readRecords(after, recordsPerPage);
      for (const { record } of page) yield record;
      if (page.length < recordsPerPage) return;
      after = page.at(-1)?.position ?? after;
    }
  }

  return {
    append: call('appendRecord'),
    find: call('findCertificate'),
    revoked: call('revokedCertificates'),
    latestCrl: call('latestList'),
    records,
  };
}
