/**
 * A server does not validate an append that came in its fixed layout. So the schema must accept every one of them, and no other frame
 * may pass for one.
 */
import { encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CheckedAppend,
  encodeCbor,
  encodeFrame,
  entryTypes,
  FrameDecoder,
  frameKinds,
  operations,
  requestHead,
} from '../../src/index.ts';
import { append } from '../support/append-request.ts';

const decode = (bytes: Uint8Array) => [...new FrameDecoder().push(bytes)];

/** Returns a frame with this body. */
function framed(kind: number, body: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(5 + body.length, kind);
  bytes.writeUInt32BE(1 + body.length);
  bytes.set(body, 5);
  return bytes;
}

/** Returns the frame; null when the bytes are none. */
function frameIn(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    return decode(bytes)[0] ?? null;
  } catch (error) {
    expect(error).toMatchObject({ code: 'malformed-frame' });
    return null;
  }
}

/** Bodies of appends that are near the layout: of every length, and with every type and length of a signature. */
const bodies = fc
  .tuple(
    fc.uint8Array({ minLength: 60, maxLength: 400, size: 'max' }),
    fc.nat(entryTypes.length),
    fc.nat(130),
    fc.nat(3),
  )
  .map(([body, type, signatureLength, chance]) => {
    if (chance === 0) return body;
    body[52] = type;
    if (body.length > 85) body[85] = signatureLength;
    return body;
  });

describe('an append in its fixed layout', () => {
  test('has what its schema and that of a request accept, whatever its bytes are, or is no frame', () => {
    let accepted = 0;
    fc.assert(
      fc.property(bodies, (body) => {
        const bytes = framed(frameKinds.append, body);
        const frame = frameIn(bytes);
        if (frame === null) return;
        const { id, op, ...fields } = frame;
        expect(requestHead.safeParse(frame).success).toBe(true);
        expect(operations.append.request.parse(fields)).toEqual(fields);
        expect(CheckedAppend.of(frame)).toBe(frame);
        // The layout loses nothing: the request has one form.
        expect(encodeFrame({ id, op, ...fields })).toEqual(bytes);
        accepted += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test('shares no memory with the chunk that it came in, nor with another request', () => {
    const chunk = Buffer.concat([encodeFrame(append), encodeFrame(append)]);
    const [first, second] = decode(chunk).map((frame) => CheckedAppend.of(frame)?.entry);
    chunk.fill(0);
    first?.payload.fill(9);
    first?.signature.fill(9);
    expect(second).toEqual(append.entry);
  });
});

describe('not an append in its fixed layout is', () => {
  test('the same request in CBOR', () => {
    // The library writes the keys in the order of the protocol too, but hex as texts.
    expect(CheckedAppend.of(frameIn(framed(frameKinds.object, encode(append))) ?? {})).toBeNull();
    expect(CheckedAppend.of(frameIn(framed(frameKinds.object, encodeCbor(append))) ?? {})).toBeNull();
    const [odd = {}] = decode(encodeFrame({ ...append, more: 1 }));
    expect([odd['op'], CheckedAppend.of(odd)]).toEqual(['append', null]);
  });

  test('an object with any keys and values, or a copy of such a request', () => {
    const keys = fc.constantFrom('id', 'op', 'room', 'cid', 'entry', '#isChecked', 'constructor', 'prototype', 'x');
    const values = fc.oneof(fc.constant('append'), fc.constant(true), fc.nat(9), fc.constant({ '#isChecked': true }));
    fc.assert(
      fc.property(fc.dictionary(keys, values), (fields) => {
        for (const frame of decode(encodeFrame(fields))) expect(CheckedAppend.of(frame)).toBeNull();
      }),
    );
    const [checked = {}] = decode(encodeFrame(append));
    expect(CheckedAppend.of({ ...checked })).toBeNull();
    expect(CheckedAppend.of(structuredClone({ ...checked }))).toBeNull();
    expect(CheckedAppend.of(Object.create(checked))).toBeNull();
  });

  test.each([{}, [], new Uint8Array(4), () => undefined])('%o', (value) => {
    expect(CheckedAppend.of(value)).toBeNull();
  });
});
