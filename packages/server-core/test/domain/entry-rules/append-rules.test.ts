/** Rules of the first entry of a room. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { create, fieldsOf, newCid, signed } from '../../support/entries.ts';
import { outcomeOf, type TestClient } from '../../support/test-client.ts';
import { type Citizen, type TestServer, testServer } from '../../support/test-server.ts';

let at: TestServer;
let alice: Citizen;
let client: TestClient;

beforeEach(async () => {
  at = await testServer();
  alice = await at.citizen('alice');
  client = await at.login(alice);
});
afterEach(() => at[Symbol.asyncDispose]());

const creates = (entry: ReturnType<typeof signed>) =>
  outcomeOf(client.request('create-room', { cid: newCid(), entry }));

test('creates no room by the rules of an older version', async () => {
  const { entry } = create(alice, 'den');
  expect(await creates(signed<'create'>(alice, { ...fieldsOf(entry.payload), v: 1 }))).toBe('entry-refused');
  expect(await creates(entry)).toBe('ok');
});
