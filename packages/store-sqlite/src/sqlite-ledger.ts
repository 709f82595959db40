/** mini-ca's ledger over the thread that owns the database. */
import type { Ledger, LedgerRecord } from '@chat/mini-ca';
import type { Call } from './operation.ts';

/** Records read at a time: some two kilobytes each. */
const page = 200;

export function sqliteLedger(call: Call): Ledger {
  const readRecords = call('readRecords');

  async function* records(): AsyncGenerator<LedgerRecord> {
    for (let after = 0; ; ) {
      const found = await readRecords(after, page);
      for (const { record } of found) yield record;
      if (found.length < page) return;
      after = found.at(-1)?.position ?? after;
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
