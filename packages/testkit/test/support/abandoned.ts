/** Tests that do not end: each leaves a child that is connected to the port `TEST_PORT`. */
import { dirname } from 'node:path';
import { startChild, temporaryFolder } from '@chat/testkit';
import { test } from 'vitest';

const program = `
process.on('SIGTERM', () => {});
const report = { worker: process.ppid, folder: process.argv[1] };
require('net').connect(process.env.TEST_PORT, '127.0.0.1').write(JSON.stringify(report));
`;

function abandon(): Promise<unknown> {
  return startChild(process.execPath, ['-e', program, dirname(temporaryFolder().path)]).ended;
}

test('waits for ever', () => abandon());

test('times out', { timeout: 1 }, () => abandon());
