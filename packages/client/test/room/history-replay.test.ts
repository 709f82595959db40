/** A log that is read twice: each reading emits only the events that the other one does not emit. */
import { emptyRoom, type RoomEvent, type RoomState, UserMap } from '@chat/room';
import { expect, test } from 'vitest';
import { HistoryReplay } from '../../src/room/history-replay.ts';
import type { StoredRoom } from '../../src/storage/stored-state.ts';
import { FakeServer } from '../support/fake-server.ts';
import { IsolatedClient } from '../support/isolated-client.ts';
import { ManualClock } from '../support/manual-clock.ts';

const fingerprint = '1'.repeat(64);
const who = { user: 'bob', fingerprint, at: 1 };
const message = (seq: number): RoomEvent => ({ kind: 'message', seq, epoch: 1, hash: '', text: `${seq}`, ...who });
const joined = (seq: number): RoomEvent => ({ kind: 'joined', seq, ...who });
const unread = { user: 'bob', fingerprint, epoch: 1, hash: '', earlierKeys: [], mayHide: false };
const unreadable = (seq: number): RoomEvent => ({ kind: 'unreadable', seq, ...unread });
const breach = (seq: number): RoomEvent => ({ kind: 'violation', code: 'malformed', seq, user: 'bob' });

/** A first reading up to position 20; the user joined at 11. */
function reading(replay: StoredRoom['replay']) {
  const me = { joinedAt: 11, readsFrom: 1 } as never;
  const state: RoomState = {
    ...emptyRoom('0'.repeat(64), fingerprint, { since: 10, secrets: { 1: 'A'.repeat(43) } }),
    members: UserMap.empty.put(fingerprint, me),
    epoch: { number: 1 } as RoomState['epoch'],
  };
  const room = {
    state,
    stored: { name: 'library', state, outbox: [], replay },
    keep: (changed: Partial<StoredRoom>) => Object.assign(room.stored, changed),
    disconnected: () => {},
    subscribe: async () => {},
  };
  const server = new FakeServer();
  server.answers.unsubscribe = () => ({});
  const { context } = new IsolatedClient('alice', new ManualClock(), server);
  const history = new HistoryReplay(context, room);
  const told = (...events: RoomEvent[]) => history.select(events).map(({ kind, seq }) => `${kind} ${seq}`);
  return { context, room, history, told };
}

const everything = [5, 15, 25].flatMap((seq) => [joined(seq), message(seq), unreadable(seq)]);

test('selects the events since the join in a room without history for all', () => {
  expect(reading(undefined).told(...everything)).toEqual([
    'joined 15',
    'message 15',
    'unreadable 15',
    'joined 25',
    'message 25',
    'unreadable 25',
  ]);
});

test('selects the events since the join in the first reading, without messages', () => {
  expect(reading('due').told(...everything)).toEqual(['joined 15', 'joined 25']);
});

test('selects all messages in the second reading, and other events after the first reading', () => {
  expect(reading(20).told(...everything)).toEqual([
    'message 5',
    'message 15',
    'unreadable 15',
    'joined 25',
    'message 25',
    'unreadable 25',
  ]);
});

test('selects each violation once, in the reading that shows it', () => {
  const { room, told } = reading('due');
  expect(told(breach(5), breach(15))).toEqual(['violation 5', 'violation 15']);
  room.keep({ replay: 20 });
  expect(told(breach(5), breach(15), breach(16))).toEqual(['violation 16']);
});

test('keeps what the server has no more of an earlier stay, beside what the second reading finds', async () => {
  const { context, room, history } = reading('due');
  const { messages } = context;
  const kept = (...seqs: number[]) => seqs.map((seq) => ({ seq, user: 'bob', fingerprint, text: `${seq}`, at: 1 }));
  const shown = async () => (await messages.page(room.state.room)).map(({ seq }) => seq);
  messages.add(room.state.room, kept(5, 7));
  await history.begin();
  expect(await shown()).toEqual([5, 7]);
  messages.add(room.state.room, kept(6, 7), history.name);
  history.end();
  await expect.poll(shown).toEqual([5, 6, 7]);
  await expect.poll(() => Object.keys(messages.stored.rooms)).toEqual([room.state.room]);
});
