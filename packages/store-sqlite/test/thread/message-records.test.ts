/** Messages travel to the worker as records, unchanged; everything else stays an object, in its place. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MessageRecord, Request } from '../../src/operation.ts';
import { packBatch, unpackBatch } from '../../src/thread/batch.ts';
import { entryAt } from '../support/entry.ts';

const hexText = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString('hex'));
const position = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

const message = fc.record({
  room: hexText(32),
  seq: position,
  at: position,
  hash: hexText(32),
  logHash: hexText(32),
  author: fc.string({ unit: 'grapheme', maxLength: 40 }),
  cid: hexText(16),
  change: fc.constant(null),
  entry: fc.record({
    type: fc.constant('message' as const),
    payload: fc.uint8Array({ maxLength: 2_000 }),
    by: hexText(32),
    signature: fc.uint8Array({ maxLength: 200 }),
  }),
});

/** An entry that is not written as a record. */
const entry = fc.constantFrom(
  entryAt(1, 1),
  { ...entryAt(1, 2), author: null },
  { ...entryAt(1, 2), author: 'a'.repeat(256) },
  { ...entryAt(1, 2), author: 'ü'.repeat(128) },
  { ...entryAt(1, 2), cid: 'ab' },
  { ...entryAt(1, 2), hash: 'x'.repeat(64) },
  { ...entryAt(1, 2), change: { kind: 'readmit', fingerprint: 'f' } as const },
);

const call = fc.oneof(
  message.map((appending) => ({ operation: 'append' as const, args: [appending] })),
  entry.map((appending) => ({ operation: 'append' as const, args: [appending] })),
  fc.constant({ operation: 'load' as const, args: ['room'] }),
);

/** Returns what a record says, in the form of the entry from which it was made. */
function entryIn(record: MessageRecord): unknown {
  const { by, signature, payload, hash, logHash, cid, ...others } = record;
  return {
    ...others,
    hash: hash.toString('hex'),
    logHash: logHash.toString('hex'),
    cid: cid.toString('hex'),
    change: null,
    entry: {
      type: 'message',
      payload: new Uint8Array(payload),
      by: by.toString('hex'),
      signature: new Uint8Array(signature),
    },
  };
}

describe('a batch', () => {
  test('holds each request once, in its place and unchanged', () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 20 }), fc.nat(), (calls, first) => {
        const requests = calls.map((each, index): Request => ({ id: first + index, ...each }));
        const batch = packBatch(requests);
        const received = structuredClone(batch, { transfer: batch.records === null ? [] : [batch.records.buffer] });
        const read = unpackBatch(received).map((request) =>
          request.operation === 'appendMessage'
            ? { ...request, operation: 'append', args: [entryIn(request.args[0] as MessageRecord)] }
            : request,
        );
        expect(read).toEqual(requests);
      }),
    );
  });

  test('holds messages as records only, unless they are few', () => {
    const requests = [2, 3, 4, 5].map((seq): Request => ({ id: seq, operation: 'append', args: [entryAt(1, seq)] }));
    expect(packBatch(requests).requests).toEqual([]);
    expect(packBatch(requests.slice(1))).toMatchObject({ requests: requests.slice(1), records: null });
    const refused = fc.sample(entry, 50).map((each, id): Request => ({ id, operation: 'append', args: [each] }));
    expect(packBatch(refused)).toMatchObject({ requests: refused, records: null });
  });
});
