/** The JSON of messages and of what changes them. */
import type { ClientEvent } from '@chat/client';
import { expect, test } from 'vitest';
import type { RoomEvent } from '../../src/client-event.ts';
import { jsonEvent, jsonMessage } from '../../src/one-shot/json-event.ts';
import { fingerprint, messageEvent, roomEvent, unread } from '../support/samples.ts';

const lobby = { roomName: 'lobby', title: 'lobby' };
const head = { seq: 9, at: 5, epoch: 1, user: 'bob', fingerprint, hash: fingerprint };
const target = { seq: 7, hash: fingerprint };
const json = (event: RoomEvent) => jsonEvent(lobby, roomEvent('lobby', event) as ClientEvent, 'alice');
const common = { seq: 9, at: 5, user: 'bob', fingerprint, room: 'lobby', mine: false, live: true };

test('names messages by their positions, and has nothing that only the client needs', () => {
  expect(json({ ...head, kind: 'message', text: 'yes @alice', replyTo: target })).toEqual({
    ...{ ...common, kind: 'message', text: 'yes @alice', replyTo: 7, mentionsMe: true },
  });
  expect(json({ ...head, kind: 'message', text: 'waves', action: true })).toEqual({
    ...{ ...common, kind: 'message', text: 'waves', action: true },
  });
  const change = { ...head, target, earlierKeys: [fingerprint] };
  expect(json({ ...change, kind: 'edited', text: 'new' })).toEqual({
    ...{ ...common, kind: 'edited', target: 7, text: 'new' },
  });
  expect(json({ ...change, kind: 'deleted' })).toEqual({ ...common, kind: 'deleted', target: 7 });
  expect(json({ ...change, kind: 'hidden' })).toEqual({ ...common, kind: 'hidden', target: 7 });
  expect(json({ ...change, kind: 'reacted', text: '' })).toEqual({ ...common, kind: 'reacted', target: 7, text: '' });
  expect(json({ ...head, kind: 'newer', number: 9, body: 'AA' })).toEqual({ ...common, kind: 'newer', number: 9 });
  expect(json(messageEvent(1, 'bob', 'mail to x@alice.example'))).not.toHaveProperty('mentionsMe');
});

test('says of a message that could not be read whose it is, and of one whose key came late that it is late', () => {
  expect(json({ kind: 'unreadable', seq: 9, user: 'bob', epoch: 2, ...unread })).toEqual({
    ...{ kind: 'unreadable', seq: 9, user: 'bob', fingerprint, epoch: 2, room: 'lobby', mine: false, live: true },
  });
  const event = { ...(roomEvent('lobby', messageEvent(9, 'bob', 'hi')) as object), late: true } as ClientEvent;
  expect(jsonEvent(lobby, event, 'alice')).toMatchObject({ kind: 'message', seq: 9, text: 'hi', late: true });
});

test('has of a message of before what later ones have made of it', () => {
  const message = {
    ...{ seq: 7, user: 'bob', fingerprint, text: 'new', at: 1, editedAt: 5 },
    replyTo: { seq: 3, user: 'alice', fingerprint, text: 'old' },
    reactions: [{ user: 'carol', text: 'ok' }],
  };
  expect(jsonMessage('lobby', message, 'alice')).toEqual({
    ...{ kind: 'message', room: 'lobby', seq: 7, user: 'bob', fingerprint, text: 'new', at: 1, editedAt: 5 },
    ...{ replyTo: 3, reactions: [{ user: 'carol', text: 'ok' }], mine: false, live: false },
  });
});
