/** Records of a ledger. */
import type { IssuedRecord, Ledger, LedgerRecord } from '../../src/index.ts';

export function issuedRecord(serial: string): IssuedRecord {
  return {
    type: 'issued',
    serial,
    at: 1,
    profile: 'server',
    lifetimeMs: 1000,
    notBefore: 1,
    notAfter: 2,
    fingerprint: serial,
    certificate: 'MAA=',
  };
}

/** Everything that a ledger holds. */
export async function recordsOf(ledger: Ledger): Promise<LedgerRecord[]> {
  const records: LedgerRecord[] = [];
  for await (const record of ledger.records()) records.push(record);
  return records;
}
