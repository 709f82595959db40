/** kill -9 in the middle of issuing: what has left the CA is in its ledger, and nothing is there twice. */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onlyInFullRun } from '@chat/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCA, FileLedger, privateKeyToPem, readCertificate } from '../../src/index.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mini-ca-crash-'));
  const { certificate, privateKey } = createCA({ size: 'P-256' });
  await writeFile(join(folder, 'ca.pem'), certificate);
  await writeFile(join(folder, 'ca.key'), privateKeyToPem(privateKey));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Issues until so many certificates were handed out, and kills. What was handed out, also while it was dying. */
async function issueAndKill(count: number): Promise<string[]> {
  const program = fileURLToPath(new URL('./issuing-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@chat/source', '--no-warnings', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const handedOut: string[] = [];
  if (count === 0) child.kill('SIGKILL');
  for await (const line of createInterface({ input: child.stdout })) {
    handedOut.push(line);
    if (handedOut.length === count) child.kill('SIGKILL');
  }
  const [code, signal] = await closed;
  expect([code, signal]).toEqual([null, 'SIGKILL']);
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

describe('kill -9 in the middle of issuing', () => {
  test('10 times', () => killAgainAndAgain(10));
});

onlyInFullRun('a CA that is killed 200 times')('kill -9 in the middle of issuing, at length', () => {
  test('200 times', () => killAgainAndAgain(200));
});
