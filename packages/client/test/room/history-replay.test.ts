/** A log that is read twice: each reading emits only the events that the other one does not emit. */
import { emptyRoom, type RoomEvent } from '@chat/room';
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
const unreadable = (seq: number): RoomEvent => ({ kind: 'unreadable', seq, user: 'bob', epoch: 1 });
const breach = (seq: number): RoomEvent => ({ kind: 'violation', code: 'malformed', seq, user: 'bob' });

/** A first reading up to position 20; the user joined at 11. */
function reading(replay: StoredRoom['replay']) {
  const state = emptyRoom('0'.repeat(64), fingerprint, { since: 10 });
  const room = {
    state,
    stored: { name: 'library', state, outbox: [], recent: [], replay },
    keep: (changed: Partial<StoredRoom>) => Object.assign(room.stored, changed),
    disconnected: () => {},
    subscribe: async () => {},
  };
  const { context } = new IsolatedClient('alice', new ManualClock(), new FakeServer());
  const history = new HistoryReplay(context, room);
  const told = (...events: RoomEvent[]) => history.select(events).map(({ kind, seq }) => `${kind} ${seq}`);
  return { room, told };
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
