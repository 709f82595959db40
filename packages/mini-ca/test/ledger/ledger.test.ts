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

/** A ledger with these certificates, closed. */
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

  test('is for its owner only', async () => {
    const path = await ledgerOf('01');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('cuts off what a crash has left of the last line, wherever it was cut, and goes on', async () => {
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

  test('takes zeros that a file system left at the end for what they are', async () => {
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
    ['a changed line', ([first = '', ...others]) => [first.replace('server', 'client'), ...others]],
    ['a changed last line', (lines) => [...lines.slice(0, 2), (lines[2] ?? '').replace('server', 'client')]],
    ['a line taken out', ([first = '', , third = '']) => [first, third]],
    ['a line put in twice', ([first = '', ...others]) => [first, first, ...others]],
    ['lines in another order', ([first = '', second = '', third = '']) => [second, first, third]],
    ['an empty line', (lines) => ['', ...lines]],
    ['another file', () => ['# a list of things to do']],
  ])('refuses %s', async (_, change) => {
    const path = await ledgerOf('01', '02', '03');
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    await writeFile(path, `${change(lines).join('\n')}\n`);
    expect(await rejectedCode(FileLedger.open(path))).toBe('ledger-damaged');
  });

  test('refuses a large file that is no ledger without reading it into memory', async () => {
    const path = freshPath();
    await writeFile(path, Buffer.alloc(3 << 20, 'x'));
    expect(await rejectedCode(FileLedger.open(path))).toBe('ledger-damaged');
  });

  test('has one writer: a second opening is refused while the first is open', async () => {
    const path = freshPath();
    const first = await FileLedger.open(path);
    expect(await rejectedCode(FileLedger.open(path))).toBe('ledger-in-use');
    await first.close();
    await (await FileLedger.open(path)).close();
  });

  test('of many who open it at once, one does', async () => {
    const path = freshPath();
    const opened = await Promise.allSettled(Array.from({ length: 10 }, () => FileLedger.open(path)));
    const ledgers = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(ledgers).toHaveLength(1);
    await ledgers[0]?.close();
  });

  test('takes over from a process that has died, and not from one that lives', async () => {
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

  test('records nothing after it was closed', async () => {
    const ledger = await FileLedger.open(freshPath());
    await ledger.close();
    await ledger.close();
    expect(await rejectedCode(ledger.append(issuedRecord('01')))).toBe('ledger-failed');
  });

  test('a record that could not be written is refused, and so is everything after it', async () => {
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

  test('what was begun before closing is there', async () => {
    const path = freshPath();
    const ledger = await FileLedger.open(path);
    const all = ['01', '02', '03'].map((serial) => ledger.append(issuedRecord(serial)));
    await ledger.close();
    await Promise.all(all);
    await using again = await FileLedger.open(path);
    expect(await serialsOf(again)).toEqual(['01', '02', '03']);
  });
});
