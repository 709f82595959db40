/** SQL for mini-ca's ledger: certificates, revocations and revocation lists, in the order of `position`. */
import type { CrlRecord, IssuedRecord, LedgerEntry, LedgerRecord, RevokedRecord } from '@chat/mini-ca';
import type { Database } from 'better-sqlite3';
import { LedgerConflict } from '../conflict.ts';
import { requireSound, type Sound, sealOf, soundColumn } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';

type LedgerTables = Pick<
  Tables,
  'appendRecord' | 'findCertificate' | 'revokedCertificates' | 'latestList' | 'readRecords'
>;

interface EntryRow extends Sound, Omit<LedgerEntry, 'revoked'> {
  readonly revokedAt: number | null;
  readonly reason: RevokedRecord['reason'] | null;
}

/** The columns of all types of records; null where the type has no such column. */
type RecordRow = Sound & { readonly position: number; readonly type: LedgerRecord['type']; readonly at: number } & {
  readonly [column: string]: string | number | null;
};

const entryColumns = `certificates.serial, certificates.at, profile, lifetime_ms AS lifetimeMs,
  not_before AS notBefore, not_after AS notAfter, fingerprint, revocations.at AS revokedAt, reason,
  ${soundColumn('certificates', 'revocations')}`;

function entryOf(row: EntryRow): LedgerEntry {
  const { revokedAt, reason, ...entry } = requireSound(row);
  return { ...entry, revoked: revokedAt === null || reason === null ? null : { at: revokedAt, reason } };
}

/** Prepares the operations on the ledger. */
export function ledgerTables(database: Database): LedgerTables {
  const nextPosition = database.prepare<[], { position: number }>(
    `SELECT 1 + max(
       coalesce((SELECT max(position) FROM certificates), 0),
       coalesce((SELECT max(position) FROM revocations), 0),
       coalesce((SELECT max(position) FROM revocation_lists), 0)) AS position`,
  );
  const addIssued = database.prepare<[Omit<IssuedRecord, 'type'> & { position: number }]>(
    `INSERT INTO certificates
       (position, serial, at, profile, lifetime_ms, not_before, not_after, fingerprint, certificate)
     VALUES (@position, @serial, @at, @profile, @lifetimeMs, @notBefore, @notAfter, @fingerprint, @certificate)`,
  );
  const addRevoked = database.prepare<[number, string, number, string]>(
    'INSERT INTO revocations (position, serial, at, reason) VALUES (?, ?, ?, ?)',
  );
  const addList = database.prepare<[number, number, number, number]>(
    'INSERT INTO revocation_lists (position, number, at, next_update) VALUES (?, ?, ?, ?)',
  );
  const entry = database.prepare<[string], EntryRow>(
    `SELECT ${entryColumns} FROM certificates LEFT JOIN revocations USING (serial) WHERE serial = ?`,
  );
  const revoked = database.prepare<[], EntryRow>(
    `SELECT ${entryColumns} FROM revocations JOIN certificates USING (serial) ORDER BY revocations.position`,
  );
  const latest = database.prepare<[], Sound & Omit<CrlRecord, 'type'>>(
    `SELECT number, at, next_update AS nextUpdate, ${soundColumn('revocation_lists')}
     FROM revocation_lists ORDER BY number DESC LIMIT 1`,
  );
  const page = database.prepare<[{ after: number; limit: number }], RecordRow>(
    `SELECT position, 'issued' AS type, serial, at, profile, lifetime_ms AS lifetimeMs, not_before AS notBefore,
       not_after AS notAfter, fingerprint, certificate, NULL AS reason, NULL AS number, NULL AS nextUpdate,
       ${soundColumn('certificates')}
     FROM certificates WHERE position > @after
     UNION ALL
     SELECT position, 'revoked', serial, at, NULL, NULL, NULL, NULL, NULL, NULL, reason, NULL, NULL,
       ${soundColumn('revocations')}
     FROM revocations WHERE position > @after
     UNION ALL
     SELECT position, 'crl', NULL, at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, number, next_update,
       ${soundColumn('revocation_lists')}
     FROM revocation_lists WHERE position > @after
     ORDER BY position LIMIT @limit`,
  );

  const sealIssued = sealOf(database, 'certificates');
  const sealRevoked = sealOf(database, 'revocations');
  const sealList = sealOf(database, 'revocation_lists');

  function latestList(): CrlRecord | null {
    const found = latest.get();
    return found === undefined ? null : { type: 'crl', ...requireSound(found) };
  }

  function issue({ type: _type, ...record }: IssuedRecord, position: number): void {
    if (entry.get(record.serial) !== undefined) {
      throw new LedgerConflict('duplicate-serial', `the serial number ${record.serial} is taken`);
    }
    addIssued.run({ ...record, position });
    sealIssued(record.serial);
  }

  function revoke({ serial, at, reason }: RevokedRecord, position: number): void {
    const found = entry.get(serial);
    if (found === undefined) {
      throw new LedgerConflict('unknown-serial', `no certificate of the serial number ${serial} was issued by this CA`);
    }
    if (entryOf(found).revoked !== null) throw new LedgerConflict('already-revoked', `${serial} was revoked before`);
    addRevoked.run(position, serial, at, reason);
    sealRevoked(serial);
  }

  function list({ number, at, nextUpdate }: CrlRecord, position: number): void {
    if (number <= (latestList()?.number ?? 0)) {
      throw new LedgerConflict('crl-number-used', `a revocation list of number ${number} or later was issued`);
    }
    addList.run(position, number, at, nextUpdate);
    sealList(number);
  }

  return {
    appendRecord(record) {
      const position = nextPosition.get()?.position ?? 1;
      if (record.type === 'issued') issue(record, position);
      else if (record.type === 'revoked') revoke(record, position);
      else list(record, position);
    },

    findCertificate(serial) {
      const found = entry.get(serial);
      return found === undefined ? null : entryOf(found);
    },

    revokedCertificates: () => revoked.all().map(entryOf),

    latestList,

    readRecords: (after, limit) =>
      page.all({ after, limit }).map(({ position, sound, ...columns }) => {
        requireSound({ sound });
        // The columns that are not null are those of the record's type, as `appendRecord` has stored them.
        const present = Object.entries(columns).filter(([, value]) => value !== null);
        return { position, record: Object.fromEntries(present) as unknown as LedgerRecord };
      }),
  };
}
