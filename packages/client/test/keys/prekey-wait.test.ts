/** How long the change of the own prekey waits for a server that does not hand out openings, and what the client keeps and reports then. */
import { limits, ProtocolError } from '@chat/protocol';
import { beforeEach, expect, test } from 'vitest';
import { IsolatedClient, isolatedAlice } from '../support/isolated-client.ts';

const hour = limits.prekeyAge;
const minute = 60_000;

let { clock, server, alice } = isolatedAlice();

beforeEach(() => {
  ({ clock, server, alice } = isolatedAlice());
});

const atServer = () => server.prekeys.get('alice');

/** Lets openings wait that the server never hands out, until the returned function is called. */
function withholdOpenings(): () => void {
  const { 'get-links': get } = server.answers;
  server.answers['get-links'] = () => ({ links: [], more: true });
  return () => {
    if (get !== undefined) server.answers['get-links'] = get;
  };
}

test('waits for the openings to the prekey before, for an hour at most, tells the user once and when it is over', async () => {
  await alice.connect();
  const end = withholdOpenings();
  const used = [atServer()?.prekey];
  await clock.advance(hour);
  used.push(atServer()?.prekey);
  await clock.advance(2 * hour - minute);
  expect([atServer()?.prekey === used[1], alice.codes()]).toEqual([true, []]);
  await clock.advance(minute);
  used.push(atServer()?.prekey);
  expect([new Set(used).size, alice.codes()]).toEqual([3, ['links-unread']]);
  for (let changes = 0; changes < 4; changes++) {
    expect(alice.vault.prekeys.map(({ publicKey }) => publicKey)).toEqual(used.slice(-2).reverse());
    await clock.advance(2 * hour);
    used.push(atServer()?.prekey);
  }
  expect([new Set(used).size, alice.codes()]).toEqual([7, ['links-unread']]);
  end();
  await clock.advance(5 * minute);
  expect([alice.codes(), alice.vault.prekeys.length]).toEqual([['links-unread', 'links-unread over'], 1]);
  await clock.advance(3 * hour);
  expect(alice.codes()).toEqual(['links-unread', 'links-unread over']);
});

/** Connects as often as it takes for the time to pass, on connections that end before a minute has passed. */
async function flicker(forMs: number): Promise<void> {
  for (let passed = 0; passed < forMs; passed += 2 * minute) {
    await alice.connect();
    await clock.advance(minute - 1);
    alice.disconnect();
    await clock.advance(minute + 1);
  }
}

test('replaces the prekey although every connection is cut within a minute before openings are read, also over restarts', async () => {
  withholdOpenings();
  await flicker(hour + 10 * minute);
  const first = atServer()?.prekey;
  await flicker(hour / 2);
  alice = new IsolatedClient('alice', clock, server, alice.vault);
  await flicker(hour / 2 + 10 * minute);
  const second = atServer()?.prekey;
  expect([second === first, alice.canOpen(first), alice.codes()]).toEqual([false, true, []]);
  await flicker(2 * hour + 10 * minute);
  expect([atServer()?.prekey === second, alice.canOpen(first), alice.codes()]).toEqual([
    false,
    false,
    ['links-unread'],
  ]);
});

test('replaces and erases prekeys of a program that only ever connects for a moment, and reports nothing', async () => {
  for (let day = 0, before = ''; day < 5; day++) {
    await flicker(2 * hour + 10 * minute);
    expect(atServer()?.prekey).not.toBe(before);
    expect(alice.canOpen(before === '' ? atServer()?.prekey : before)).toBe(before === '');
    before = atServer()?.prekey ?? '';
  }
  expect(alice.codes()).toEqual([]);
});

test('tells nothing after some days without a connection', async () => {
  await alice.connect();
  await clock.advance(hour + minute);
  alice.disconnect();
  clock.sleep(5 * 24 * hour);
  await alice.connect();
  await clock.advance(2 * hour);
  expect(alice.codes()).toEqual([]);
});

test.each(['get-prekeys', 'put-prekey', 'get-links'] as const)(
  'replaces the prekey although the server answers %s with a failure for ever, and erases it at the change after that',
  async (operation) => {
    await alice.connect();
    const first = atServer()?.prekey;
    server.answers[operation] = () => {
      throw new ProtocolError('internal', 'No.');
    };
    const live = async (hours: number) => {
      for (let passed = 0; passed < hours; passed += 1) {
        await alice.connect();
        await clock.advance(10 * minute);
        alice.disconnect();
        clock.sleep(50 * minute);
      }
    };
    await live(3);
    expect(alice.vault.prekeys[0]?.publicKey).not.toBe(first);
    await live(5);
    expect([alice.canOpen(first), alice.vault.prekeys.length <= 2]).toEqual([false, true]);
  },
);
