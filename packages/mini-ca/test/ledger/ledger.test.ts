import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rejectedCode, runChild, temporaryFolder } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { ledgerContract } from '../../src/contract/index.ts';
import { FileLedger, MemoryLedger } from '../../src/index.ts';
import { issuedRecord } from './records.ts';

const folder = temporaryFolder().path;
let files = 0;

const freshPath = () => join(folder, `${files++}.ledger`);

async function serialsOf(ledger: FileLedger): Promise<string[]> {
  const serials: string[] = [];
  for await (const record of ledger.records()) if (record.type === 'issued') serials.push(record.serial);
  return serials;
}

/** Returns the path of a closed ledger with these certificates. */
async function ledgerOf(...serials: string[]): Promise<string> {
  const path = freshPath();
  await using ledger = await FileLedger.open(path);
  for (const serial of serials) await ledger.append(issuedRecord(serial));
  return path;
}

describe('the ledger in memory', () => {
  ledgerContract(test, async () => ({ ledger: new MemoryLedger(), reopen: async () => {}, close: async () => {} }));
});

describe('the ledger in a file', () => {
  ledgerContract(test, async () => {
    const path = freshPath();
    let ledger = await FileLedger.open(path);
    return {
      get ledger() {
        return ledger;
      },
      async reopen() {
        await ledger.close();
        ledger = await FileLedger.open(path);
      },
      close: () => ledger.close(),
    };
  });

  test('is readable and writable only by its owner', async () => {
    const path = await ledgerOf('01');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('cuts off an incomplete last line, and accepts further records', async () => {
    const whole = await readFile(await ledgerOf('01', '02'));
    const first = whole.indexOf('\n') + 1;
    const path = freshPath();
    for (let length = first; length < whole.length; length += 7) {
      await writeFile(path, whole.subarray(0, length));
      const ledger = await FileLedger.open(path);
      expect(ledger.droppedBytes).toBe(length - first);
      await ledger.append(issuedRecord('03'));
      await ledger.close();
      const again = await FileLedger.open(path);
      expect([await serialsOf(again), again.droppedBytes]).toEqual([['01', '03'], 0]);
      await again.close();
    }
  });

  test('cuts off zeros that a file system has left at the end', async () => {
    const path = await ledgerOf('01');
    await appendFile(path, Buffer.alloc(4096));
    const ledger = await FileLedger.open(path);
    expect([await serialsOf(ledger), ledger.droppedBytes]).toEqual([['01'], 4096]);
    await ledger.append(issuedRecord('02'));
    await ledger.close();
    await using again = await FileLedger.open(path);
    expect([await serialsOf(again), again.droppedBytes]).toEqual([['01', '02'], 0]);
  });

  test.each<[string, (lines: string[]) => string[]]>([
    ['a file with a changed line', ([first = '', ...others]) => [first.replace('server', 'client'), ...others]],
    [
      'a file with a changed last line',
      (lines) => [...lines.slice(0, 2), (lines[2] ?? '').replace('server', 'client')],
    ],
    ['a file with a removed line', ([first = '', , third = '']) => [first, third]],
    ['a file with a repeated line', ([first = '', ...others]) => [first, first, ...others]],
    ['a file with lines in another order', ([first = '', second = '', third = '']) => [second, first, third]],
    ['a file with an empty line', (lines) => ['', ...lines]],
    ['a file that is not a ledger', () => ['# a list of things to do']],
  ])('refuses %s', async (_, change) => {
    const path = await ledgerOf('01', '02', '03');
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    await writeFile(path, `${change(lines).join('\n')}\n`);
    expect(await rejectedCode(FileLedger.open(path))).toBe('ledger-damaged');
  });

  test('refuses a large file that is not a ledger without reading it into memory', async () => {
    const path = freshPath();
    await writeFile(path, Buffer.alloc(3 << 20, 'x'));
    expect(await rejectedCode(FileLedger.open(path))).toBe('ledger-damaged');
  });

  test('refuses to be opened twice', async () => {
    const path = freshPath();
    const first = await FileLedger.open(path);
    expect(await rejectedCode(FileLedger.open(path))).toBe('ledger-in-use');
    await first.close();
    await (await FileLedger.open(path)).close();
  });

  test('lets one of many concurrent calls open it', async () => {
    const path = freshPath();
    const opened = await Promise.allSettled(Array.from({ length: 10 }, () => FileLedger.open(path)));
    const ledgers = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(ledgers).toHaveLength(1);
    await ledgers[0]?.close();
  });

  test('takes over the lock of a process that has ended, and not of one that runs', async () => {
    const path = freshPath();
    await writeFile(`${path}.lock`, `${process.ppid} of a process that runs\n`);
    expect(await rejectedCode(FileLedger.open(path))).toBe('ledger-in-use');
    // No system gives a process this number.
    await writeFile(`${path}.lock`, '4194999 of a process that does not\n');
    await (await FileLedger.open(path)).close();
    await writeFile(`${path}.lock`, `${process.pid} of an earlier process of this number\n`);
    await (await FileLedger.open(path)).close();
    expect(await rejectedCode(stat(`${path}.lock`))).toBe('ENOENT');
  });

  test('refuses records after it was closed', async () => {
    const ledger = await FileLedger.open(freshPath());
    await ledger.close();
    await ledger.close();
    expect(await rejectedCode(ledger.append(issuedRecord('01')))).toBe('ledger-failed');
  });

  test('refuses a record that cannot be written, and all records after it', async () => {
    const path = freshPath();
    const program = fileURLToPath(new URL('./filling-process.ts', import.meta.url));
    // The system lets the process write no file beyond 4 blocks, and sends no signal for it.
    const command = 'trap "" XFSZ; ulimit -f 4; exec "$@"';
    const args = ['-c', command, 'sh', process.execPath, '--conditions=@chat/source', '--no-warnings', program, path];
    const { out, err } = await runChild('sh', args);
    const [refusal, later, ...recorded] = out.trimEnd().split('\n');
    expect([refusal, later, err]).toEqual(['ledger-failed', 'ledger-failed', '']);
    expect(recorded.length).toBeGreaterThan(1);
    await using ledger = await FileLedger.open(path);
    expect(await serialsOf(ledger)).toEqual(recorded);
  });

  test('stores records that were appended before it was closed', async () => {
    const path = freshPath();
    const ledger = await FileLedger.open(path);
    const all = ['01', '02', '03'].map((serial) => ledger.append(issuedRecord(serial)));
    await ledger.close();
    await Promise.all(all);
    await using again = await FileLedger.open(path);
    expect(await serialsOf(again)).toEqual(['01', '02', '03']);
  });
});
