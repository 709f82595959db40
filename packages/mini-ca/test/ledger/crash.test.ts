/** Kills a CA while it issues (kill -9): its ledger has every certificate that it returned, and none twice. */
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onlyInFullRun, startChild, temporaryFolder } from '@chat/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { createCA, FileLedger, privateKeyToPem, readCertificate } from '../../src/index.ts';

let folder = '';
beforeEach(async () => {
  folder = temporaryFolder().path;
  const { certificate, privateKey } = createCA({ size: 'P-256' });
  await writeFile(join(folder, 'ca.pem'), certificate);
  await writeFile(join(folder, 'ca.key'), privateKeyToPem(privateKey));
});

/** Kills the CA after it has returned `count` certificates. Returns a line for each certificate that it returned. */
async function issueAndKill(count: number): Promise<string[]> {
  const program = fileURLToPath(new URL('./issuing-process.ts', import.meta.url));
  const child = startChild(process.execPath, ['--conditions=@chat/source', '--no-warnings', program, folder]);
  const handedOut: string[] = [];
  if (count === 0) void child.kill('SIGKILL');
  for await (const line of child.lines()) {
    handedOut.push(line);
    if (handedOut.length === count) void child.kill('SIGKILL');
  }
  expect(await child.ended).toMatchObject({ code: null, signal: 'SIGKILL', err: '' });
  return handedOut;
}

async function killAgainAndAgain(rounds: number): Promise<void> {
  const handedOut: string[] = [];
  for (let round = 0; round < rounds; round++) handedOut.push(...(await issueAndKill(randomInt(0, 40))));

  await using ledger = await FileLedger.open(join(folder, 'ledger'));
  const recorded = new Map<string, string>();
  for await (const record of ledger.records()) {
    if (record.type !== 'issued') continue;
    expect(recorded.has(record.serial)).toBe(false);
    const { serial, fingerprint } = readCertificate(Buffer.from(record.certificate, 'base64'));
    expect([serial, fingerprint]).toEqual([record.serial, record.fingerprint]);
    recorded.set(serial, fingerprint);
  }
  const missing = handedOut.filter((line) => recorded.get(line.split(' ')[0] ?? '') !== line.split(' ')[1]);
  expect(missing).toEqual([]);
  expect(handedOut.length).toBeGreaterThan(rounds);
}

describe('a CA that is killed while it issues', () => {
  test('has recorded every certificate that it returned, after 10 kills', () => killAgainAndAgain(10));
});

onlyInFullRun('a CA that is killed 200 times')('a CA that is killed often while it issues', () => {
  test('has recorded every certificate that it returned, after 200 kills', () => killAgainAndAgain(200));
});
