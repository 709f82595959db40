/** What becomes of the user's own messages in the outbox when their events are reported. */
import { randomBytes } from 'node:crypto';
import { createMemoryFiles, emptyMessages, MessageStore } from '@chat/message-store';
import type { RoomEvent } from '@chat/room';
import { generateSigner } from '@chat/signatures';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../../src/index.ts';
import { report } from '../../../src/room/said/reported-events.ts';
import { SaidMessages } from '../../../src/room/said/said-messages.ts';

const roomId = 'ab'.repeat(32);
const head = { seq: 4, epoch: 2, fingerprint: 'b'.repeat(64), hash: 'c'.repeat(64) };
const unreadable = { ...head, kind: 'unreadable', earlierKeys: [], mayHide: false } as const;

function reported(...events: readonly RoomEvent[]) {
  const emitted: ClientEvent[] = [];
  const delivered: [string, number][] = [];
  const store = new MessageStore({
    ...{ files: createMemoryFiles(), stored: emptyMessages, turn: async () => undefined, now: () => 1_000_000 },
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    changed: () => undefined,
    damaged: () => undefined,
  });
  const room = {
    ...{
      roomId,
      roomName: 'lobby',
      state: { since: 0 },
      stored: {},
      isCaughtUp: true,
      said: new SaidMessages({ messages: store, signer: generateSigner(), fileDeleted: () => undefined }, roomId),
    },
    keep: () => undefined,
    outbox: { delivered: (hash: string, seq: number) => delivered.push([hash, seq]) > 0 },
  };
  report({ user: 'bob', emit: (event) => emitted.push(event), saveSoon: () => undefined }, room, events, {
    name: roomId,
  });
  return { emitted, delivered };
}

test('an own message is delivered when it is on the log, also if this client cannot read it', () => {
  const own = reported({ ...unreadable, user: 'bob' });
  expect(own.delivered).toEqual([[head.hash, head.seq]]);
  expect(own.emitted).toMatchObject([{ kind: 'room', mine: true, event: { kind: 'unreadable' } }]);
  const { hash, seq } = head;
  const said = { ...head, kind: 'message', at: 1, user: 'bob', text: 'hi' } as const;
  expect(reported(said).delivered).toEqual([[hash, seq]]);
});

test('a message of another user is none of the outbox', () => {
  expect(reported({ ...unreadable, user: 'alice' }).delivered).toEqual([]);
});
