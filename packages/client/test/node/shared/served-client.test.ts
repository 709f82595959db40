/** In which order guests learn what a client shows and reports. */
import { expect, test } from 'vitest';
import { ServedClient } from '../../../src/node/shared/holder/served-client.ts';
import type { HolderMessage } from '../../../src/node/shared/local-messages.ts';
import { fakeClient, messageAt, roomAt, trouble } from '../../support/fake-holder.ts';

/** Returns what is sent, shortly: the events by their kind, and of changes the names of the rooms. */
const short = (message: HolderMessage): string => {
  if (message.kind === 'event') return message.event.kind;
  return message.kind === 'changes'
    ? `changes ${message.changes.rooms.map(({ roomId }) => roomId.replace('id of ', ''))}`
    : message.kind;
};

function served() {
  const rooms = [roomAt('lobby', 1)];
  const { connection, report } = fakeClient(rooms);
  const sent: string[] = [];
  const client = new ServedClient(connection, { isThere: () => true, toAll: (message) => sent.push(short(message)) });
  client.greet(null);
  sent.length = 0;
  return { rooms, report, client, sent };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what has changed comes before the event that it belongs to, and what changes with it afterwards follows', async () => {
  const { rooms, report, client, sent } = served();
  rooms.push(roomAt('den', 1));
  report(trouble('first'));
  rooms.push(roomAt('kitchen', 1));
  expect(sent).toEqual(['changes den', 'trouble']);
  await turn();
  expect(sent.slice(2)).toEqual(['changes kitchen']);
  client.stop();
});

test('what many messages have changed comes once, when the turn is over', async () => {
  const { rooms, report, client, sent } = served();
  for (const seq of [2, 3, 4]) {
    rooms[0] = roomAt('lobby', seq);
    report(messageAt('lobby', seq));
  }
  expect(sent).toEqual(['room', 'room', 'room']);
  await turn();
  expect(sent.slice(3)).toEqual(['changes lobby']);
  client.stop();
});

test('what has changed without an event comes with a refresh', () => {
  const { rooms, client, sent } = served();
  rooms[0] = roomAt('lobby', 2);
  client.refresh();
  client.refresh();
  expect(sent).toEqual(['changes lobby']);
  client.stop();
});

test('nothing is passed on once the client is not served any more', async () => {
  const { rooms, report, client, sent } = served();
  report(messageAt('lobby', 2));
  client.stop();
  rooms[0] = roomAt('lobby', 3);
  report(messageAt('lobby', 3));
  await turn();
  expect(sent).toEqual(['room']);
});
