/** Confirmations of wraps: which ranges a request names, and what is confirmed after a restart. */
import { limits, ProtocolError, type RequestOf } from '@chat/protocol';
import { createRoomCrypto } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { WrapConfirmations } from '../../../src/keys/links/wrap-confirmations.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const lobby = '1'.repeat(64);
const attic = '2'.repeat(64);

let clock: ManualClock;
let steps: string[];
let refuse: boolean;
let confirmations: WrapConfirmations;

const created = (stored: ReturnType<WrapConfirmations['toJSON']>) =>
  new WrapConfirmations(
    {
      request: (async (_: string, { rooms }: RequestOf<'confirm-wraps'>) => {
        steps.push(rooms.map(({ room, from, to }) => `${room === lobby ? 'lobby' : 'attic'} ${from}-${to}`).join(', '));
        if (refuse) throw new ProtocolError('internal', 'No.');
        return {};
      }) as never,
      save: async () => void steps.push('save'),
      scheduler: clock,
      // The longest delay, so that one period has one request.
      crypto: { ...createRoomCrypto(), random: (length) => new Uint8Array(length).fill(0xff) },
    },
    stored,
  );

beforeEach(() => {
  clock = new ManualClock();
  steps = [];
  refuse = false;
  confirmations = created([]);
  confirmations.connected();
});

const minutes = 90_000;
const take = (room: string, ...numbers: readonly number[]) => {
  for (const number of numbers) confirmations.taken(room, number);
};

test('confirms all rooms in one request after at least half a minute, when the secrets are stored', async () => {
  take(lobby, 1, 2, 3);
  take(attic, 7);
  await clock.advance(29_999);
  expect(steps).toEqual([]);
  await clock.advance(minutes);
  expect([steps, confirmations.toJSON()]).toEqual([['save', 'lobby 1-3, attic 7-7'], []]);
});

test('names no epoch between two others whose secret it does not have', async () => {
  take(lobby, 1, 3, 4);
  await clock.advance(minutes);
  expect(steps).toEqual(['save', 'lobby 1-1, lobby 3-4']);
});

test('names the latest confirmation once more, because the server writes it some seconds later', async () => {
  take(lobby, 1);
  await clock.advance(minutes);
  take(lobby, 2);
  await clock.advance(minutes);
  take(attic, 5);
  await clock.advance(minutes);
  expect(steps.filter((step) => step !== 'save')).toEqual([
    'lobby 1-1',
    'lobby 2-2, lobby 1-1',
    'attic 5-5, lobby 2-2',
  ]);
});

test('confirms nothing more of a room that the user enters anew', async () => {
  take(lobby, 1);
  take(attic, 5);
  await clock.advance(minutes);
  take(lobby, 2);
  take(attic, 6);
  confirmations.forget(lobby);
  expect(confirmations.toJSON()).toEqual([{ room: attic, from: 6, to: 6 }]);
  await clock.advance(minutes);
  expect(steps.filter((step) => step !== 'save')).toEqual(['lobby 1-1, attic 5-5', 'attic 6-6, attic 5-5']);
});

test('confirms after the next login what was not confirmed before a restart or a loss of the connection', async () => {
  take(lobby, 1);
  confirmations.disconnected();
  await clock.advance(minutes);
  expect([steps, clock.waiting]).toEqual([[], 0]);
  confirmations = created(JSON.parse(JSON.stringify(confirmations)));
  confirmations.connected();
  await clock.advance(minutes);
  expect(steps).toEqual(['save', 'lobby 1-1']);
});

test('tries again when the server refuses', async () => {
  refuse = true;
  take(lobby, 1);
  await clock.advance(minutes);
  refuse = false;
  await clock.advance(minutes);
  expect([steps, confirmations.toJSON()]).toEqual([['save', 'lobby 1-1', 'save', 'lobby 1-1'], []]);
});

test('divides what one request cannot name', async () => {
  take(lobby, ...Array.from({ length: limits.epochsPerConfirmation + 5 }, (_, at) => at + 1));
  await clock.advance(minutes);
  await clock.advance(minutes);
  const [, first, , second] = steps;
  expect([first, second]).toEqual([
    `lobby 1-${limits.epochsPerConfirmation}`,
    `lobby ${limits.epochsPerConfirmation + 1}-${limits.epochsPerConfirmation + 5}, lobby 1-${limits.epochsPerConfirmation - 5}`,
  ]);
  expect(confirmations.toJSON()).toEqual([]);
});
