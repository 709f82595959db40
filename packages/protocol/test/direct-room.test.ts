import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { directRoomName, roomName } from '../src/index.ts';

const [smaller, larger] = ['0a'.repeat(32), 'f0'.repeat(32)];

test('both users of a direct room derive the same name', () => {
  expect(directRoomName(larger, smaller)).toBe(directRoomName(smaller, larger));
  expect(directRoomName(smaller, smaller)).not.toBe(directRoomName(smaller, larger));
  expect(roomName.safeParse(directRoomName(smaller, larger)).success).toBe(true);
});

test('the name is the hash of the label and both fingerprints, the smaller one first', () => {
  const bytes = Buffer.concat([Buffer.from('chat/1 direct\n'), Buffer.from(smaller + larger, 'hex')]);
  const digest = createHash('sha256').update(bytes).digest('hex');
  expect(directRoomName(larger, smaller)).toBe(`dm-${digest.slice(0, 24)}`);
});
