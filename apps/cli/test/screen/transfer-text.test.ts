/** The lines about files that are being sent and saved. */
import type { TransferView } from '@chat/client';
import { expect, test } from 'vitest';
import { transferLine } from '../../src/screen/transfer-text.ts';
import { byteSize } from '../../src/text/byte-size.ts';

const transfer = (more: Partial<TransferView> = {}): TransferView => ({
  ...{ id: 2, direction: 'send', roomName: 'lobby', name: 'report.pdf', size: 2_000_000, state: 'waiting', moved: 0 },
  ...{ total: 2_100_000, bytesPerSecond: null, leftMs: null, path: null, seq: null, why: null },
  ...more,
});

test.each([
  [transfer(), 'waits for its turn, or for the connection'],
  [
    transfer({ state: 'moving', moved: 1_050_000, bytesPerSecond: 300_000, leftMs: 3_500 }),
    'is being sent: 50 % of 2.0 MB, 300 kB/s, 4 s left',
  ],
  [transfer({ state: 'moving', direction: 'save' }), 'is being fetched: 0 % of 2.0 MB'],
  [transfer({ state: 'done', seq: 12 }), 'was sent as #12'],
  [transfer({ state: 'done', direction: 'save', path: '/home/bob/report.pdf' }), 'was saved: /home/bob/report.pdf'],
  [transfer({ state: 'failed', why: { code: 'file-gone', reason: 'It is gone.' } }), 'was not sent: It is gone'],
  [transfer({ state: 'cancelled' }), 'was cancelled'],
])('a transfer is listed as it is: %o', (given, text) => {
  expect(transferLine(given, 'lobby')).toBe(`2) report.pdf in lobby ${text}`);
});

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1_000, '1.0 kB'],
  [999_949, '1.0 MB'],
  [34_400_000, '34 MB'],
  [2 ** 30, '1.1 GB'],
])('a size of %i bytes is %s', (bytes, text) => {
  expect(byteSize(bytes)).toBe(text);
});
