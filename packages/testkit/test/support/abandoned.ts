/** Tests that do not end by themselves: each has a child that is connected to the port `TEST_PORT`. */
import { dirname } from 'node:path';
import { startChild, temporaryFolder } from '@chat/testkit';
import { beforeEach, test } from 'vitest';

const program = `
process.on('SIGTERM', () => {});
const report = { worker: process.ppid, folder: process.argv[1] };
const socket = require('net').connect(process.env.TEST_PORT, '127.0.0.1');
socket.write(JSON.stringify(report), () => console.log('connected'));
`;

beforeEach(async () => {
  const child = startChild(process.execPath, ['-e', program, dirname(temporaryFolder().path)]);
  await child.prints(/connected/);
});

const never = new Promise(() => {});

test('waits for ever', () => never);

test('times out', { timeout: 1 }, () => never);
