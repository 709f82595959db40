/** A member whose wrap did not arrive asks another one who is there. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newCid, remove, wrapsFor } from '../support/entries.ts';
import { codeOf, type TestClient } from '../support/test-client.ts';
import { type Member, room, type TestServer, testServer } from '../support/test-server.ts';

const clock = { now: 0 };
let at: TestServer;
let ada: Member;
let bob: Member;
let eve: Member;
let id: string;

const follow = async (client: TestClient) => {
  await client.request('subscribe', { room: id, after: 4 });
  await client.first('caught-up');
};

beforeEach(async () => {
  clock.now = Date.now();
  at = await testServer({ clock: () => clock.now, limits: { keysAskedPerMinute: 4 } });
  [ada, bob, eve] = [await at.member('ada'), await at.member('bob'), await at.member('eve')];
  id = (await room('den', [ada, bob, eve])).id;
});
afterEach(() => at[Symbol.asyncDispose]());

const ask = ({ client }: Member, user: string, number = 1) =>
  codeOf(client.request('ask-key', { room: id, number, user }));
const give = ({ client }: Member, wrap = wrapsFor(bob.who)[0], number = 1) =>
  wrap === undefined ? 'none' : codeOf(client.request('give-key', { room: id, number, wrap }));

test('whoever is asked is told on each connection that follows the room, and their answer is kept', async () => {
  const second = await at.login(ada.who);
  const idle = await at.login(ada.who);
  for (const client of [ada.client, second, bob.client]) await follow(client);
  expect(await ask(bob, 'ada')).toBe('ok');
  for (const client of [ada.client, second]) {
    expect(await client.first('key-asked')).toEqual({ push: 'key-asked', room: id, number: 1, user: 'bob' });
  }
  await idle.ask('ping', {});
  expect(idle.all('key-asked')).toEqual([]);

  const [wrap] = wrapsFor(bob.who);
  expect(await give(ada, wrap)).toBe('ok');
  expect(await bob.client.first('key-given')).toEqual({ push: 'key-given', room: id, number: 1 });
  expect(await bob.client.request('get-wrap', { room: id, number: 1 })).toEqual({ envelope: wrap?.envelope });
});

test('only who was asked answers, for whom and what they were asked, once', async () => {
  await follow(ada.client);
  await follow(eve.client);
  expect(await give(ada)).toBe('not-allowed');
  expect(await ask(bob, 'ada')).toBe('ok');
  expect(await give(eve)).toBe('not-allowed');
  expect(await give(ada, wrapsFor(eve.who)[0])).toBe('not-allowed');
  expect(await give(ada, wrapsFor(bob.who)[0], 2)).toBe('not-allowed');
  const stranger = await at.citizen('stranger');
  expect(await give(ada, wrapsFor(stranger)[0])).toBe('unknown-member');
  expect(await give(ada)).toBe('ok');
  expect(await give(ada)).toBe('not-allowed');
});

test('an answer is not waited for for ever', async () => {
  await follow(ada.client);
  expect(await ask(bob, 'ada')).toBe('ok');
  clock.now += 60_000;
  expect(await give(ada)).toBe('not-allowed');
  expect(await ask(bob, 'ada')).toBe('ok');
  clock.now += 59_999;
  expect(await give(ada)).toBe('ok');
});

test('nobody is asked who is not there, not a member, or for another epoch; nor too often', async () => {
  await follow(ada.client);
  expect(await ask(bob, 'eve')).toBe('not-online');
  expect(await ask(bob, 'bob')).toBe('unknown-member');
  expect(await ask(bob, 'nobody')).toBe('unknown-member');
  expect(await ask(bob, 'ada', 2)).toBe('stale-epoch');
  for (let count = 0; count < 3; count++) expect(await ask(bob, 'ada')).toBe('ok');
  expect(await ask(bob, 'ada')).toBe('limit-reached');
  expect(await ask(eve, 'ada')).toBe('ok');
});

test('who is removed meanwhile is given nothing, and asks nobody', async () => {
  await follow(ada.client);
  expect(await ask(eve, 'ada')).toBe('ok');
  const entry = remove(ada.who, id, { about: eve.who, seq: 4 });
  await ada.client.request('append', { room: id, cid: newCid(), entry });
  expect(await give(ada, wrapsFor(eve.who)[0])).toBe('unknown-member');
  expect(await ask(eve, 'ada')).toBe('removed');
});
