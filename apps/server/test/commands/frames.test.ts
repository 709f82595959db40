import { encodeEntryPush, encodeFrame, encodePayload, encodeRoomNumber } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { frames } from '../../src/commands/frames.ts';

const room = 'ab'.repeat(32);
const head = { seq: 3, hash: 'cd'.repeat(32) };
const by = 'ef'.repeat(32);

/** Sends bytes in parts of this size, and returns what is printed. */
async function printed(bytes: Uint8Array, part = bytes.length): Promise<unknown[]> {
  async function* input() {
    for (let at = 0; at < bytes.length; at += part) yield bytes.subarray(at, at + part);
  }
  const lines: string[] = [];
  await frames(input(), { print: (line) => lines.push(line) });
  return lines.map((line) => JSON.parse(line));
}

test('prints each frame as a line, bytes in hex and payloads as their fields, in parts of any size', async () => {
  const payload = encodePayload({ type: 'message', epoch: 2, head, token: Uint8Array.of(1, 2) });
  const entry = { type: 'message', payload, by, signature: Uint8Array.of(9) } as const;
  const bytes = Buffer.concat([
    encodeFrame({ re: 4, ok: { message: 'grüße' } }),
    encodeRoomNumber(1, room),
    encodeEntryPush(1, { seq: 4, at: 5, entry }) ?? new Uint8Array(0),
  ]);
  const lines = [
    { re: 4, ok: { message: 'grüße' } },
    {
      ...{ push: 'entry', room, seq: 4, at: 5 },
      entry: { type: 'message', payload: { type: 'message', epoch: 2, head, token: '0102' }, by, signature: '09' },
    },
  ];
  expect(await printed(bytes)).toEqual(lines);
  expect(await printed(bytes, 7)).toEqual(lines);
});

test('ends at bytes that are no frame', async () => {
  expect(await rejectedCode(printed(Uint8Array.of(0, 0, 0, 1, 9)))).toBe('malformed-frame');
});
