/** Records until the ledger refuses; prints why, why the next one is refused, and what was recorded before. */
import { FileLedger } from '../../src/index.ts';
import { issuedRecord } from './records.ts';

const ledger = await FileLedger.open(process.argv[2] ?? '');
const recorded: string[] = [];

async function refusal(): Promise<string> {
  for (;;) {
    const serial = (recorded.length + 1).toString(16).padStart(4, '0');
    try {
      await ledger.append(issuedRecord(serial));
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
    recorded.push(serial);
  }
}

const refusals = [await refusal(), await refusal()];
await ledger.close();
console.log([...refusals, ...recorded].join('\n'));
