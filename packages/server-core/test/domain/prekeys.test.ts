/** Prekeys over the chat port. */
import { prekeyStatement, toBase64url } from '@chat/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import type { Author } from '../support/entries.ts';
import { outcomeOf, type TestClient } from '../support/test-client.ts';
import { type Citizen, type TestServer, testServer } from '../support/test-server.ts';

let disk: MemoryDisk;
let at: TestServer;
let alice: Citizen;
let client: TestClient;

beforeEach(async () => {
  disk = new MemoryDisk();
  at = await testServer({ store: createMemoryStore(disk), limits: { prekeysPerHour: 5 } });
  alice = await at.citizen('alice');
  client = await at.login(alice);
});
afterEach(() => at[Symbol.asyncDispose]());

function prekeyOf(
  { user, signer }: Author,
  madeAt: number,
  { prekey = 'cHJla2V5', ca = at.server.caFingerprint } = {},
) {
  const { domain, data } = prekeyStatement(ca, { user, prekey, madeAt });
  return { prekey, madeAt, signature: toBase64url(signer.sign(domain, data)) };
}

const put = (prekey: ReturnType<typeof prekeyOf>) => outcomeOf(client.request('put-prekey', prekey));
const get = async (...users: string[]) => (await client.request('get-prekeys', { users })).prekeys;

test('stores a user’s own prekey and returns it to any user, with the registered key', async () => {
  const bob = await at.citizen('bob');
  const prekey = prekeyOf(alice, 1_000);
  expect(await put(prekey)).toBe('ok');
  const asked = await (await at.login(bob)).request('get-prekeys', { users: ['bob', 'alice', 'unknown', 'alice'] });
  expect(asked.prekeys).toEqual([{ user: 'alice', key: toBase64url(alice.signer.publicKey), ...prekey }]);
});

test('refuses a prekey that its owner has not signed for this server', async () => {
  const bob = await at.citizen('bob');
  const good = prekeyOf(alice, 1_000);
  expect(await put(prekeyOf(bob, 1_000))).toBe('prekey-refused');
  expect(await put(prekeyOf({ user: 'alice', signer: bob.signer }, 1_000))).toBe('prekey-refused');
  expect(await put(prekeyOf({ user: 'bob', signer: alice.signer }, 1_000))).toBe('prekey-refused');
  expect(await put(prekeyOf(alice, 1_000, { ca: '0'.repeat(64) }))).toBe('prekey-refused');
  expect(await put({ ...good, madeAt: 1_001 })).toBe('prekey-refused');
  expect(await put({ ...good, prekey: 'b3RoZXI' })).toBe('prekey-refused');
  expect(await get('alice')).toEqual([]);
  // None of these counts.
  expect(await put(good)).toBe('ok');
});

test('replaces a prekey by a later one only, and accepts the same one again', async () => {
  expect(await put(prekeyOf(alice, 1_000))).toBe('ok');
  expect(await put(prekeyOf(alice, 999))).toBe('prekey-refused');
  expect(await put(prekeyOf(alice, 1_000, { prekey: 'b3RoZXI' }))).toBe('prekey-refused');
  expect(await put(prekeyOf(alice, 1_000))).toBe('ok');
  const later = prekeyOf(alice, 1_001, { prekey: 'b3RoZXI' });
  expect(await put(later)).toBe('ok');
  expect(await get('alice')).toMatchObject([later]);
  // Five an hour are allowed.
  expect(await put(prekeyOf(alice, 1_002))).toBe('limit-reached');
});

test('returns no prekey of a revoked user', async () => {
  await put(prekeyOf(alice, 1_000));
  const bob = await at.citizen('bob');
  const bobClient = await at.login(bob);
  await at.server.revoke('alice', 'cessationOfOperation');
  expect(await bobClient.request('get-prekeys', { users: ['alice'] })).toEqual({ prekeys: [] });
});

test('charges more for a request of many prekeys', async () => {
  const now = Date.now();
  await using strict = await testServer({
    store: createMemoryStore(disk),
    clock: () => now,
    limits: { requestBurst: 45 },
  });
  const asker = await strict.login(alice);
  const users = Array.from({ length: 80 }, (_, index) => `user-${index}`);
  const codes: string[] = [];
  for (let count = 0; count < 6; count++) codes.push(await outcomeOf(asker.request('get-prekeys', { users })));
  // The login has cost twenty of 45, each of these costs five.
  expect(codes).toEqual([...Array(5).fill('ok'), 'rate-limited']);
});
