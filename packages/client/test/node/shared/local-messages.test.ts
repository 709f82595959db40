/** Lines and errors, as they cross the socket. */
import { ClientError } from '@chat/client';
import { ProtocolError } from '@chat/protocol';
import { RoomError } from '@chat/room';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { errorFrom, Lines, lineOf, localErrorOf, maxLineBytes } from '../../../src/node/shared/local-messages.ts';

const message = fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ unit: 'binary', maxLength: 20 }));

test('messages arrive as they were sent, however the socket cuts them', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(200)), (messages, cuts) => {
      const bytes = Buffer.from(messages.map((each) => lineOf(each)).join(''));
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const lines = new Lines();
      const got = places.flatMap((place, index) => [...lines.push(bytes.subarray(places[index - 1] ?? 0, place))]);
      expect(got).toEqual(messages.map((each) => JSON.parse(JSON.stringify(each))));
    }),
  );
});

test('a line is as long as is allowed when it comes', () => {
  const lines = new Lines();
  const long = lineOf({ text: 'x'.repeat(maxLineBytes.unproved) });
  const both = Buffer.from(`${lineOf({ first: 1 })}${long}`);
  expect(() => [...lines.push(both)]).toThrow('too long');
  const raised = new Lines();
  const got: unknown[] = [];
  for (const value of raised.push(both)) {
    got.push(value);
    raised.maxBytes = maxLineBytes.fromGuest;
  }
  expect(got).toHaveLength(2);
  // Also if its end does not come.
  expect(() => [...new Lines().push(Buffer.alloc(maxLineBytes.unproved + 1, 'x'))]).toThrow('too long');
});

test('an error is of the same class, with the same code and message', () => {
  for (const error of [
    new ClientError('not-joined', 'You are not there.'),
    new ProtocolError('unknown-room', 'There is none.'),
    new RoomError('message-too-long', 'It is too long.'),
    new Error('It failed.'),
  ]) {
    const across = errorFrom(JSON.parse(JSON.stringify(localErrorOf(error))));
    expect(across).toEqual(error);
    expect(across.constructor).toBe(error.constructor);
  }
});
