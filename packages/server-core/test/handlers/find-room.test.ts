/** What `find-room` tells a user who is not in the room. */
import { type Policy, ProtocolError } from '@chat/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { create, newCid, remove } from '../support/entries.ts';
import { type Member, room, type TestServer, testServer } from '../support/test-server.ts';

let at: TestServer;
let alice: Member;
let bob: Member;

beforeEach(async () => {
  at = await testServer();
  [alice, bob] = [await at.member('alice'), await at.member('bob')];
});
afterEach(() => at[Symbol.asyncDispose]());

const open = (name: string, policy: Policy) =>
  alice.client.request('create-room', { cid: newCid(), entry: create(alice.who, name, policy).entry });

/** Returns the room, or code and text of the refusal. */
const answer = ({ client }: Member, name: string) =>
  client.request('find-room', { name }).catch((error: unknown) => {
    if (!(error instanceof ProtocolError)) throw error;
    return { code: error.code, message: error.message };
  });

test('answers for a direct room of others as for a room that does not exist', async () => {
  await open('pair', { join: 'direct', history: 'since-join' });
  const [hidden, missing] = [await answer(bob, 'pair'), await answer(bob, 'none')];
  expect(hidden).toMatchObject({ code: 'unknown-room' });
  expect(JSON.stringify(hidden).replace('pair', 'none')).toBe(JSON.stringify(missing));
  expect(await answer(alice, 'pair')).toMatchObject({ joined: true, members: 1 });
});

test('shows an open room to all users, also to one who was removed from it', async () => {
  const { id } = await room('hall', [alice, bob]);
  await alice.client.request('append', {
    room: id,
    cid: newCid(),
    entry: remove(alice.who, id, { about: bob.who, seq: 3 }),
  });
  expect(await answer(bob, 'hall')).toMatchObject({ room: id, joined: false, members: 1, head: 4 });
});
