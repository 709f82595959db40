/** The CAs of a data directory: announcing, cancelling, switching, also when the switch was cut off. */
import { copyFileSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { MemoryLedger, readCertificate } from '@chat/mini-ca';
import { limits } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { openAuthority } from '../../src/data/authority.ts';
import {
  announce,
  type ChainParts,
  cancel,
  endOld,
  hasHad,
  historyOf,
  pendingLink,
  readChain,
  switchWhenDue,
} from '../../src/data/authority-chain.ts';
import { dataDirectory } from '../../src/data/data-directory.ts';
import { temporaryDirectory } from '../support/server-process.ts';

const start = Date.parse('2030-01-01T00:00:00Z');
const weekMs = limits.authorityNotice;

/** A data directory with a CA, and what changes of its CAs need. */
async function newServer(password?: string) {
  const directory = dataDirectory(temporaryDirectory(), {});
  const ledger = new MemoryLedger();
  const partsAt = async (now: number): Promise<ChainParts> => {
    await switchWhenDue(directory, password, now);
    return { directory, ledger, password, now, authority: await openAuthority(directory, password, new Date(now)) };
  };
  const first = await partsAt(start);
  return { directory, partsAt, first };
}

describe('an announced CA', () => {
  test.each([undefined, 'password'])('is in use from its time on, and not before (password: %s)', async (password) => {
    const { partsAt, first } = await newServer(password);
    const chain = await announce(first, weekMs);
    const next = pendingLink(chain, first.authority.certificate)?.succession.certificate ?? '';
    expect((await partsAt(start + weekMs - 1)).authority.fingerprint).toBe(first.authority.fingerprint);
    const { authority, directory } = await partsAt(start + weekMs);
    expect(authority.fingerprint).toBe(readCertificate(next).fingerprint);
    expect(existsSync(directory.nextAuthorityKey) || existsSync(directory.nextAuthorityCertificate)).toBe(false);
    expect(historyOf(await readChain(directory, authority.certificate), authority.certificate).crossed).toHaveLength(1);
  });

  test('is in use after a crash between the two renames', async () => {
    const { directory, partsAt, first } = await newServer();
    await announce(first, weekMs);
    renameSync(directory.nextAuthorityKey, directory.authorityKey);
    const { authority } = await partsAt(start + weekMs);
    expect(authority.fingerprint).not.toBe(first.authority.fingerprint);
  });

  test('that is not the one of the statement is not used, and nothing is changed', async () => {
    const { directory, partsAt, first } = await newServer();
    await announce(first, weekMs);
    const other = await newServer();
    copyFileSync(other.directory.authorityCertificate, directory.nextAuthorityCertificate);
    expect(await rejectedCode(partsAt(start + weekMs))).toBe('damaged-data');
    copyFileSync(other.directory.authorityKey, directory.nextAuthorityKey);
    expect(await rejectedCode(partsAt(start + weekMs))).toBe('damaged-data');
    expect((await openAuthority(directory, undefined, new Date(start))).fingerprint).toBe(first.authority.fingerprint);
  });

  test('can be followed by another one, and the server shows the whole chain', async () => {
    const { partsAt, first } = await newServer();
    await announce(first, weekMs);
    const second = await partsAt(start + weekMs);
    await announce(second, weekMs);
    const { directory, authority } = await partsAt(start + 2 * weekMs);
    const chain = await readChain(directory, authority.certificate);
    const history = historyOf(chain, authority.certificate);
    expect(history.successions.map(({ number }) => number)).toEqual([1, 2]);
    expect(history.crossed).toHaveLength(2);
    for (const { fingerprint } of [first.authority, second.authority, authority]) {
      expect(hasHad(chain, authority.certificate, fingerprint)).toBe(true);
    }
    expect(hasHad(chain, authority.certificate, 'f'.repeat(64))).toBe(false);
  });

  test('is refused while another one waits, and after the end of the present one', async () => {
    const { first, partsAt } = await newServer();
    expect(await rejectedCode(announce(first, 11 * 365 * 24 * 3_600_000))).toBe('authority');
    await announce(first, weekMs);
    expect(await rejectedCode(announce(await partsAt(start + 1), weekMs))).toBe('authority');
  });

  test('can be cancelled before its time, and then another one can be announced', async () => {
    const { first, partsAt } = await newServer();
    expect(await rejectedCode(cancel(first))).toBe('authority');
    await announce(first, weekMs);
    const cancelled = await cancel(first);
    expect(historyOf(cancelled, first.authority.certificate).withdrawals).toHaveLength(1);
    expect((await partsAt(start + weekMs)).authority.fingerprint).toBe(first.authority.fingerprint);
    await announce(first, weekMs);
    expect(await rejectedCode(cancel({ ...first, now: start + weekMs }))).toBe('authority');
    expect((await partsAt(start + weekMs)).authority.fingerprint).not.toBe(first.authority.fingerprint);
  });
});

test('earlier CAs end when the operator says so', async () => {
  const { first, partsAt } = await newServer();
  expect(await rejectedCode(endOld(first))).toBe('authority');
  await announce(first, weekMs);
  const second = await partsAt(start + weekMs);
  const chain = await endOld(second);
  expect(historyOf(chain, second.authority.certificate)).toMatchObject({ crossed: [], successions: [{ number: 1 }] });
});

test('a damaged chain is reported, and nothing starts without it', async () => {
  const { first, partsAt, directory } = await newServer();
  await announce(first, weekMs);
  writeFileSync(directory.chain, '{}');
  expect(await rejectedCode(partsAt(start))).toBe('damaged-data');
});
