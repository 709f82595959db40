/** A server that sends without end fills neither the memory of a client nor its screen, and the user learns of it. */
import { setImmediate } from 'node:timers/promises';
import { limits } from '@chat/protocol';
import { composeKnock, emptyRoom, type LogItem } from '@chat/room';
import { generateSigner } from '@chat/signatures';
import { thrownCode } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import { ReportedIds } from '../src/intake-bounds.ts';
import { Invitations } from '../src/membership/pending.ts';
import { KnockWatch } from '../src/room/knock-watch.ts';
import { LogReader, type ReadRoom } from '../src/room/log-reader.ts';
import { isolatedAlice } from './support/isolated-client.ts';

const roomId = '0'.repeat(64);
const mib = 1024 * 1024;

let { server, alice: client } = isolatedAlice();

beforeEach(() => {
  ({ server, alice: client } = isolatedAlice());
});

const room = (): ReadRoom => ({
  roomId,
  roomName: 'lobby',
  online: [],
  state: emptyRoom(roomId, '1'.repeat(64)),
  lookUp: () => null,
  take: () => {},
  recovery: { recover: async () => 'lacking', differs: () => {}, resume: () => {}, resumeLater: () => {} },
  review: () => {},
});

const entry = (seq: number): LogItem => ({
  seq,
  at: 1,
  entry: {
    type: 'message',
    payload: new Uint8Array(limits.frameBytes),
    by: '2'.repeat(64),
    signature: new Uint8Array(3),
  },
});

/** A reader that waits for an answer which the server does not give. */
function waitingReader() {
  const reader = new LogReader(client.context, room());
  let end = () => {};
  reader.enqueue(
    () =>
      new Promise((resolve) => {
        end = resolve;
      }),
  );
  return { reader, end: () => end() };
}

test('entries that wait to be read are bounded over all rooms, and their memory is free after the connection', async () => {
  const readers = Array.from({ length: 3 }, waitingReader);
  let taken = 0;
  const code = thrownCode(() => {
    for (;;) for (const { reader } of readers) reader.receive(entry(++taken));
  });
  expect(code).toBe('too-much-sent');
  expect(client.context.waiting.bytes).toBeLessThanOrEqual(64 * mib);
  expect(client.context.waiting.bytes).toBeGreaterThan(63 * mib);
  for (const { reader, end } of readers) {
    reader.disconnected();
    end();
  }
  await setImmediate();
  expect(client.context.waiting.bytes).toBe(0);
});

test('short pushes are bounded by their number', async () => {
  const { reader } = waitingReader();
  const endless = (push: () => void) =>
    thrownCode(() => {
      for (let count = 0; count < 100_000; count++) push();
    });
  expect(endless(() => reader.keyGiven({ epochNumber: 7, from: '2'.repeat(64), wrap: new Uint8Array(60) }))).toBe(
    'too-much-sent',
  );
  expect(endless(() => reader.reach(1, () => {}))).toBe('too-much-sent');
  reader.disconnected();
});

test('more knocks than a server keeps are reported once as too many, until the next connection', async () => {
  const watch = new KnockWatch(client.context, { roomId, roomName: 'lobby' });
  const reported = () => client.events.flatMap((event) => (event.kind === 'knock' ? [event.user] : []));
  const state = emptyRoom(roomId, '1'.repeat(64));
  const knockOf = (user: string) => composeKnock({ ...client.context, user, signer: generateSigner(), now: 1 }, roomId);
  const knocks = Array.from({ length: 4 * limits.knocksPerRoom + 3 }, (_, index) => knockOf(`u${index}`));
  for (const knock of [...knocks, ...knocks]) watch.receive(state, knock);
  expect(reported()).toHaveLength(4 * limits.knocksPerRoom);
  expect(client.events.filter(({ kind }) => kind === 'trouble')).toMatchObject([{ code: 'too-many-reports' }]);
  server.answers['list-knocks'] = () => ({ knocks: [] });
  await watch.review({ ...state, policy: { join: 'invite', history: 'since-join' } });
  watch.receive(state, knockOf('late'));
  expect(reported().at(-1)).toBe('late');
});

test('more invitations than a user reads are reported once as too many', async () => {
  server.answers['find-room'] = () => ({ policy: { join: 'open', history: 'since-join' } }) as never;
  const invitations = new Invitations(client.context, {} as never, { knocked: {} });
  for (let index = 0; index < 1_010; index++) {
    invitations.invited({ roomId: `${index}`.padStart(64, '0'), roomName: `r${index}`, by: 'mallory' });
  }
  await setImmediate();
  const kinds = client.events.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'invited')).toHaveLength(1_000);
  expect(client.events.filter(({ kind }) => kind === 'trouble')).toMatchObject([{ code: 'too-many-reports' }]);
});

test('an id within the maximum may be reported again, and one beyond it after the next login', () => {
  const ids = new ReportedIds(2);
  expect(['a', 'b', 'a', 'c', 'd', 'a'].map((id) => ids.note(id))).toEqual([
    'new',
    'new',
    'known',
    'too-many',
    'dropped',
    'known',
  ]);
  ids.renew();
  expect(ids.note('c')).toBe('new');
});
