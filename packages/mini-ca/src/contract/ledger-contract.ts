/** Tests that every implementation of `Ledger` must pass, for any test runner: `ledgerContract(test, open)`. */
import assert from 'node:assert/strict';
import type { CaErrorCode } from '../errors.ts';
import type { CrlRecord, IssuedRecord, Ledger, LedgerRecord, RevokedRecord } from '../ledger/ledger.ts';

/** The ledger under test. It is empty at first. */
export interface LedgerSubject {
  /** The ledger that is open. */
  readonly ledger: Ledger;
  /** Closes the ledger and opens it again with the same records. */
  reopen(): Promise<void>;
  /** Closes the ledger. The contract calls it after each test. */
  close(): Promise<void>;
}

/** The function that declares a test: `test` of node:test, vitest, jest and others. */
export type TestFunction = (name: string, run: () => Promise<void>) => unknown;

const startMs = Date.UTC(2030, 0, 1);

function issued(serial: string): IssuedRecord {
  return {
    type: 'issued',
    serial,
    at: startMs,
    profile: 'server',
    lifetimeMs: 3_600_000,
    notBefore: startMs - 300_000,
    notAfter: startMs + 3_600_000,
    fingerprint: serial.padStart(64, '0'),
    certificate: 'MAA=',
  };
}

function revoked(serial: string, at = startMs + 1): RevokedRecord {
  return { type: 'revoked', serial, at, reason: 'keyCompromise' };
}

function crl(number: number): CrlRecord {
  return { type: 'crl', number, at: startMs + number, nextUpdate: startMs + number + 1000 };
}

async function refuses(code: CaErrorCode, promise: Promise<void>): Promise<void> {
  await assert.rejects(promise, (error) => error instanceof Error && 'code' in error && error.code === code);
}

async function recordsOf(ledger: Ledger): Promise<LedgerRecord[]> {
  const records: LedgerRecord[] = [];
  for await (const record of ledger.records()) records.push(record);
  return records;
}

type Check = (subject: LedgerSubject) => Promise<void>;

const checks: Readonly<Record<string, Check>> = {
  'starts empty': async ({ ledger }) => {
    assert.deepEqual(await recordsOf(ledger), []);
    assert.equal(await ledger.find('01'), null);
    assert.deepEqual(await ledger.revoked(), []);
    assert.equal(await ledger.latestCrl(), null);
  },

  'returns all records in order, also after reopening': async (subject) => {
    const records = [issued('01'), issued('02'), revoked('01'), crl(1), issued('03')];
    for (const record of records) await subject.ledger.append(record);
    assert.deepEqual(await recordsOf(subject.ledger), records);
    await subject.reopen();
    assert.deepEqual(await recordsOf(subject.ledger), records);
    await subject.ledger.append(issued('04'));
    await subject.reopen();
    assert.deepEqual(await recordsOf(subject.ledger), [...records, issued('04')]);
  },

  'finds a certificate and its revocation': async (subject) => {
    await subject.ledger.append(issued('01'));
    const { type: _type, certificate: _certificate, ...entry } = issued('01');
    assert.deepEqual(await subject.ledger.find('01'), { ...entry, revoked: null });
    await subject.ledger.append(revoked('01'));
    const found = { ...entry, revoked: { at: startMs + 1, reason: 'keyCompromise' } };
    assert.deepEqual(await subject.ledger.find('01'), found);
    await subject.reopen();
    assert.deepEqual(await subject.ledger.find('01'), found);
    assert.equal(await subject.ledger.find('02'), null);
  },

  'returns revoked certificates in the order of revocation': async (subject) => {
    for (const serial of ['01', '02', '03']) await subject.ledger.append(issued(serial));
    await subject.ledger.append(revoked('03'));
    await subject.ledger.append(revoked('01'));
    await subject.reopen();
    const serials = (await subject.ledger.revoked()).map(({ serial }) => serial);
    assert.deepEqual(serials, ['03', '01']);
  },

  'accepts a serial number once': async (subject) => {
    await subject.ledger.append(issued('01'));
    await refuses('duplicate-serial', subject.ledger.append({ ...issued('01'), fingerprint: 'ff' }));
    await subject.reopen();
    await refuses('duplicate-serial', subject.ledger.append(issued('01')));
    assert.deepEqual(await recordsOf(subject.ledger), [issued('01')]);
  },

  'accepts a revocation once, and only of an issued certificate': async (subject) => {
    await subject.ledger.append(issued('01'));
    await refuses('unknown-serial', subject.ledger.append(revoked('02')));
    await subject.ledger.append(revoked('01'));
    await refuses('already-revoked', subject.ledger.append(revoked('01')));
    await subject.reopen();
    await refuses('already-revoked', subject.ledger.append(revoked('01')));
    await refuses('unknown-serial', subject.ledger.append(revoked('02')));
    assert.deepEqual(await recordsOf(subject.ledger), [issued('01'), revoked('01')]);
  },

  'accepts only increasing numbers of revocation lists': async (subject) => {
    await subject.ledger.append(crl(3));
    await refuses('crl-number-used', subject.ledger.append(crl(3)));
    await refuses('crl-number-used', subject.ledger.append(crl(2)));
    await subject.reopen();
    assert.deepEqual(await subject.ledger.latestCrl(), crl(3));
    await refuses('crl-number-used', subject.ledger.append(crl(3)));
    await subject.ledger.append(crl(4));
    assert.deepEqual(await subject.ledger.latestCrl(), crl(4));
  },

  'accepts one of concurrent records with one serial number': async (subject) => {
    const race = Array.from({ length: 10 }, (_, index) =>
      subject.ledger.append({ ...issued('01'), fingerprint: `${index}` }),
    );
    const results = await Promise.allSettled(race);
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    await subject.reopen();
    assert.equal((await recordsOf(subject.ledger)).length, 1);
  },

  'accepts many concurrent records': async (subject) => {
    const records = Array.from({ length: 500 }, (_, index) => issued((index + 256).toString(16).padStart(4, '0')));
    await Promise.all(records.map((record) => subject.ledger.append(record)));
    assert.deepEqual(await recordsOf(subject.ledger), records);
    await subject.reopen();
    assert.deepEqual(await recordsOf(subject.ledger), records);
  },
};

/**
 * Declares the tests of the contract.
 *
 * @param test the function of the test runner that declares a test
 * @param open opens an empty ledger; called for each test
 */
export function ledgerContract(test: TestFunction, open: () => Promise<LedgerSubject>): void {
  for (const [name, check] of Object.entries(checks)) {
    test(name, async () => {
      const subject = await open();
      try {
        await check(subject);
      } finally {
        await subject.close();
      }
    });
  }
}
