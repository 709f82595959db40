/** What a message takes on the wire when it is delivered. */
import { encodeEntryPush } from '@chat/protocol';
import { expect, test } from 'vitest';
import { composeMessage } from '../../src/index.ts';
import { three } from '../support/people.ts';

/** What a TLS 1.3 record adds: 5 bytes of header, 1 of type, 16 of authentication. */
const recordBytes = 22;
const maxSignatureBytes = 104;

test.each([
  [1, 537],
  [40, 537],
  [208, 537],
  [256, 793],
  [464, 793],
])('a text of %i bytes takes %i bytes, with a record of its own and the longest signature', (textBytes, bytes) => {
  const { alice } = three();
  const entry = composeMessage(alice.author, alice.state, 'x'.repeat(textBytes));
  const frame = encodeEntryPush(1, { seq: 2 ** 40, at: alice.now, entry });
  const more = maxSignatureBytes - entry.signature.length;
  expect((frame?.length ?? 0) + more + recordBytes).toBe(bytes);
});
