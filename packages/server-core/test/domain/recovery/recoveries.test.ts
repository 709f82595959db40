/** Backups over both ports: who may open one, and the bounds of what a user stores. */
import { recoverStatement, recoveryKeyStatement, toBase64url } from '@chat/protocol';
import { generateSigner, type Signer } from '@chat/signatures';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRecovery } from '../../support/enrolling.ts';
import { outcomeOf } from '../../support/test-client.ts';
import { type Member, type TestServer, testServer } from '../../support/test-server.ts';

let at: TestServer;
let alice: Member;

const limits = {
  recoveryBytesPerUser: 1_048_576,
  recoveryKeysPerDay: 2,
  recoveriesPerHour: 2,
  recoveriesPerHostAndHour: 6,
};

beforeEach(async () => {
  at = await testServer({ limits });
  alice = await at.member('alice');
});
afterEach(() => at[Symbol.asyncDispose]());

const name = (fill: number) => new Uint8Array(32).fill(fill);
const chunk = new Uint8Array(60_000);
const manifest = new Uint8Array(40);

/** Registers a recovery key, signed by this identity key. */
function register({ who, client }: Member, recovery: Signer, by: Signer = who.signer) {
  const [key, madeAt] = [toBase64url(recovery.publicKey), 1_000];
  const { domain, data } = recoveryKeyStatement(at.server.serverId, { user: who.user, key, madeAt });
  return outcomeOf(client.request('put-recovery-key', { key, madeAt, signature: toBase64url(by.sign(domain, data)) }));
}

const open = (user: string, signer: Signer) => outcomeOf(openRecovery(at, { user, signer }));

test('the head opens with the registered key only, and an unknown name looks like a wrong key', async () => {
  const [phrase, other] = [generateSigner(), generateSigner()];
  expect(await register(alice, phrase, other)).toBe('recovery-refused');
  expect(await register(alice, phrase)).toBe('ok');
  expect(await open('alice', phrase)).toBe('no-recovery');
  await alice.client.request('put-recovery-manifest', { number: 1, manifest });
  expect(await open('alice', phrase)).toBe('ok');
  expect(await open('alice', other)).toBe('recovery-refused');
  expect(await open('unknown', other)).toBe('recovery-refused');
});

test('attempts are bounded by host, and by name only those that prove the key', async () => {
  const phrase = generateSigner();
  await register(alice, phrase);
  await alice.client.request('put-recovery-manifest', { number: 1, manifest });
  for (let attempt = 0; attempt < 3; attempt += 1)
    expect(await open('alice', generateSigner())).toBe('recovery-refused');
  // A stranger has not used up what is the user's.
  expect([await open('alice', phrase), await open('alice', phrase)]).toEqual(['ok', 'ok']);
  expect(await open('alice', phrase)).toBe('limit-reached');
  expect(await open('alice', generateSigner())).toBe('limit-reached');
});

test('a proof for another connection opens nothing', async () => {
  const phrase = generateSigner();
  await register(alice, phrase);
  await alice.client.request('put-recovery-manifest', { number: 1, manifest });
  const connection = await at.connectToEnrol();
  const { nonce } = await connection.first('welcome');
  const { domain, data } = recoverStatement({ serverId: at.server.serverId, nonce, channel: 'AAAA' }, 'alice');
  const signature = toBase64url(phrase.sign(domain, data));
  expect(await outcomeOf(connection.request('open-recovery', { version: 6, user: 'alice', signature }))).toBe(
    'recovery-refused',
  );
});

test('a user stores what the server keeps of one, and no other user gets it', async () => {
  const { client } = alice;
  await register(alice, generateSigner());
  const outcomes: string[] = [];
  for (let fill = 0; fill < 18; fill += 1) {
    outcomes.push(await outcomeOf(client.request('put-recovery-chunk', { name: name(fill), chunk })));
  }
  expect(outcomes).toEqual([...Array(17).fill('ok'), 'recovery-full']);
  expect(await client.request('get-recovery', {})).toMatchObject({ number: 0, bytes: 17 * 60_000, quota: 1_048_576 });
  await client.request('drop-recovery-chunks', { names: name(0) });
  expect(await outcomeOf(client.request('put-recovery-chunk', { name: name(17), chunk }))).toBe('ok');
  const { names, more } = await client.request('list-recovery-chunks', { after: name(15) });
  expect([names.length / 32, names[0], more]).toEqual([2, 16, false]);
  const bob = await at.member('bob');
  await register(bob, generateSigner());
  expect(await outcomeOf(bob.client.request('get-recovery-chunk', { name: name(1) }))).toBe('no-recovery');
});

test('a number that is no greater is refused, a new phrase begins anew, and each user makes few of them in a day', async () => {
  const put = (number: number) => outcomeOf(alice.client.request('put-recovery-manifest', { number, manifest }));
  expect(await put(1)).toBe('no-recovery');
  const first = generateSigner();
  await register(alice, first);
  expect([await put(2), await put(2), await put(1), await put(3)]).toEqual([
    ...['ok', 'recovery-outdated', 'recovery-outdated', 'ok'],
  ]);
  expect(await register(alice, generateSigner())).toBe('ok');
  expect(await open('alice', first)).toBe('recovery-refused');
  expect(await put(1)).toBe('ok');
  expect(await register(alice, generateSigner())).toBe('limit-reached');
});

test('the revocation of a user erases the backup', async () => {
  const phrase = generateSigner();
  await register(alice, phrase);
  await alice.client.request('put-recovery-manifest', { number: 1, manifest });
  await at.server.revoke('alice', 'keyCompromise');
  expect(await open('alice', phrase)).toBe('recovery-refused');
});
