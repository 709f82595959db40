/** The mail with openings: when it is fetched, and in which order an opening is stored and confirmed. */
import { limits, ProtocolError, toHex } from '@chat/protocol';
import { beforeEach, expect, test } from 'vitest';
import type { ClientEvent } from '../../../src/index.ts';
import { LinkMail } from '../../../src/keys/links/link-mail.ts';
import { maxLinks } from '../../../src/keys/links/recipient-links.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const from = 'a'.repeat(64);
const openingOf = (number: number) => ({
  from,
  id: new Uint8Array(8).fill(number),
  prekey: new Uint8Array(8),
  opening: new Uint8Array(1_138),
});

let clock: ManualClock;
let steps: string[];
let events: ClientEvent[];
/** The openings that wait at the server; it hands out two at a time. */
let waiting: number[];
let refuse: boolean;
/** When the requests were made that showed that no opening waits any more. */
let read: number[];
let mail: LinkMail;

function begin(): void {
  clock = new ManualClock();
  steps = [];
  events = [];
  waiting = [];
  refuse = false;
  read = [];
  const request = async (operation: string, fields: { taken?: { id: Uint8Array }[]; lost?: { id: Uint8Array }[] }) => {
    if (refuse) throw new ProtocolError('internal', 'No.');
    if (operation === 'get-links') {
      steps.push('get');
      return { links: waiting.slice(0, 2).map(openingOf), more: waiting.length > 2 };
    }
    const names = (list: { id: Uint8Array }[] = []) => list.map(({ id }) => Number.parseInt(toHex(id).slice(0, 2), 16));
    steps.push(`confirm ${names(fields.taken)} lost ${names(fields.lost)}`);
    waiting = waiting.filter((number) => ![...names(fields.taken), ...names(fields.lost)].includes(number));
    return {};
  };
  mail = new LinkMail(
    {
      request: request as never,
      save: async () => void steps.push('save'),
      emit: (event) => void events.push(event),
      scheduler: clock,
    },
    ({ id }) => {
      steps.push(`accept ${id[0]}`);
      // The client cannot use the third one.
      return id[0] !== 3;
    },
    (askedAt) => void read.push(askedAt),
  );
}

beforeEach(begin);

test('fetches all openings after a login, and stores each page before the server erases it', async () => {
  waiting = [1, 2, 3];
  mail.connected();
  await mail.fetch();
  const confirmed = ['get', 'accept 1', 'accept 2', 'save', 'confirm 1,2 lost ', 'get', 'accept 3', 'save'];
  expect(steps.slice(0, 9)).toEqual([...confirmed, 'confirm  lost 3']);
  expect(waiting).toEqual([]);
});

test('confirms nothing of a page that was not stored, and takes it again after the next login', async () => {
  waiting = [1];
  const failing = new LinkMail(
    {
      request: (async (operation: string) => {
        if (operation !== 'get-links') throw new Error('confirmed too early');
        return { links: waiting.map(openingOf), more: false };
      }) as never,
      save: async () => {
        throw new ProtocolError('internal', 'The disk is full.');
      },
      emit: (event) => void events.push(event),
      scheduler: clock,
    },
    () => true,
    (askedAt) => void read.push(askedAt),
  );
  failing.connected();
  await failing.fetch();
  expect(events.map((event) => (event.kind === 'trouble' ? event.code : event.kind))).toEqual(['internal']);
  expect(read).toEqual([]);
});

test('says when all is read, with the time at which it asked for the last, and not for a failure', async () => {
  waiting = [1, 2, 3];
  mail.connected();
  await mail.fetch();
  expect(read).toEqual([clock.now()]);
  clock.sleep(5);
  await mail.fetch();
  expect(read.slice(1)).toEqual([clock.now()]);
  refuse = true;
  await mail.fetch();
  expect(read).toHaveLength(2);
});

test('does not say so when the connection was lost meanwhile', async () => {
  mail.connected();
  const fetching = mail.fetch();
  mail.disconnected();
  await fetching;
  expect(read).toEqual([]);
});

test('does not say so while the server has more, also if it hands out none', async () => {
  const odd = new LinkMail(
    {
      request: (async () => ({ links: [], more: true })) as never,
      save: async () => undefined,
      emit: (event) => void events.push(event),
      scheduler: clock,
    },
    () => true,
    (askedAt) => void read.push(askedAt),
  );
  odd.connected();
  await odd.fetch();
  expect(read).toEqual([]);
});

test('asks again for what has come while it was fetching', async () => {
  mail.connected();
  const fetching = mail.fetch();
  waiting = [1];
  await mail.fetch();
  await fetching;
  expect(waiting).toEqual([]);
});

test('asks again for what the server announces at any moment, also when it is just done', async () => {
  for (let moment = 0; moment < 30; moment++) {
    begin();
    mail.connected();
    for (let turn = 0; turn < moment; turn++) await Promise.resolve();
    waiting = [9];
    void mail.fetch();
    await clock.advance(0);
    expect([moment, waiting]).toEqual([moment, []]);
  }
});

test('asks for nothing without a connection', async () => {
  await mail.fetch();
  mail.connected();
  mail.disconnected();
  await clock.advance(0);
  steps = [];
  await mail.fetch();
  expect(steps).toEqual([]);
});

test('reports a failure of the server once, and asks again a minute later', async () => {
  refuse = true;
  waiting = [1];
  mail.connected();
  await clock.advance(60_000);
  expect(events).toHaveLength(1);
  refuse = false;
  await clock.advance(60_000);
  expect([events.length, waiting]).toEqual([1, []]);
});

test('takes as many openings after one login as it keeps links, from a server that has no end of them', async () => {
  let asked = 0;
  const endless = new LinkMail(
    {
      request: (async (operation: string) => {
        if (operation !== 'get-links') return {};
        asked += 1;
        return { links: Array.from({ length: 50 }, (_, at) => openingOf(at)), more: true };
      }) as never,
      save: async () => undefined,
      emit: (event) => void events.push(event),
      scheduler: clock,
    },
    () => true,
    (askedAt) => void read.push(askedAt),
  );
  endless.connected();
  await endless.fetch();
  await clock.advance(0);
  expect([asked, read]).toEqual([Math.ceil(maxLinks / limits.linksPerRequest), []]);
});
