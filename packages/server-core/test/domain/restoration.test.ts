/** Entries that members give back to a server whose store lacks them: checked as at first, and appended unchanged. */
import { emptyLogHash, entryDomain, type SignedEntry, toBase64url, utf8 } from '@chat/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import { create, epoch, invite, join, leave, message, newCid, wrapsFor } from '../support/entries.ts';
import { outcomeOf, type TestClient } from '../support/test-client.ts';
import { type Member, room, type TestServer, testServer } from '../support/test-server.ts';
import { noHash, viewAt } from '../support/views.ts';

let at: TestServer;
let disk: MemoryDisk;
let alice: Member;
let bob: Member;
let id: string;
/** What alice's client has read. */
let read: { at: number; entry: SignedEntry }[];

function signedMessage({ who }: Member, seq: number, token = 'dG9rZW4'): SignedEntry {
  const entry = message(who, id, 1, token, viewAt(id, seq));
  const signature = who.signer.sign(entryDomain('message', id), utf8(entry.payload));
  return { ...entry, signature: toBase64url(signature) };
}

const append = ({ client }: Member, entry: SignedEntry) => client.request('append', { room: id, cid: newCid(), entry });

/** Cuts the log in the store off after a position, as an older backup does. */
function forget(after: number, states: MemoryDisk['rooms']): void {
  const state = states.get(id);
  if (state === undefined) disk.rooms.delete(id);
  else disk.rooms.set(id, state);
  disk.logs.set(id, (disk.logs.get(id) ?? []).slice(0, after));
  disk.logHashes.set(id, (disk.logHashes.get(id) ?? []).slice(0, after));
}

async function entriesOf(client: TestClient, head: number) {
  await client.request('subscribe', { room: id, after: 0 });
  await client.until(() => client.positions(id).length >= head);
  const entries = client.all('entry').map(({ at: time, entry }) => ({ at: time, entry }));
  await client.request('unsubscribe', { room: id });
  return entries;
}

const give = (
  { client }: Member,
  after: { seq: number; hash: string },
  entries: typeof read,
  done = true,
): Promise<{ head: number; hash: string }> => client.request('restore-entries', { room: id, after, entries, done });

beforeEach(async () => {
  disk = new MemoryDisk();
  at = await testServer({ store: createMemoryStore(disk), limits: { requestBurst: 10_000 } });
  [alice, bob] = [await at.member('alice'), await at.member('bob')];
  ({ id } = await room('den', [alice, bob]));
});
afterEach(() => at[Symbol.asyncDispose]());

/** Appends two messages, then cuts them off. The server's log ends at 3 then, and `read` has five entries. */
async function loseTwo(): Promise<void> {
  const backup = new Map(disk.rooms);
  await append(bob, signedMessage(bob, 3));
  await append(alice, signedMessage(alice, 4));
  read = await entriesOf(alice.client, 5);
  forget(3, backup);
}

test('appends entries unchanged with their times, and informs the members who follow the room', async () => {
  await loseTwo();
  const { head } = await bob.client.request('subscribe', { room: id, after: 5 });
  expect(head).toBe(3);
  expect(await give(alice, viewAt(id, 3), read.slice(3), false)).toEqual({ head: 5, hash: viewAt(id, 5).hash });
  expect(await give(alice, viewAt(id, 5), [], true)).toMatchObject({ head: 5 });
  expect(await bob.client.first('restored')).toMatchObject({ first: 4, last: 5, since: read[3]?.at, by: ['alice'] });
  expect((await entriesOf(alice.client, 5)).slice(-5)).toEqual(read);
});

test('tells a member with more of the log where its own ends, with the log hash there', async () => {
  await loseTwo();
  expect(await alice.client.request('subscribe', { room: id, after: 5 })).toMatchObject({
    head: 3,
    hash: viewAt(id, 3).hash,
  });
  expect(await alice.client.request('subscribe', { room: id, after: 2 })).toMatchObject({ hash: viewAt(id, 2).hash });
});

test('appends nothing when another member was faster, and refuses another log', async () => {
  await loseTwo();
  const both = await Promise.all([give(alice, viewAt(id, 3), read.slice(3)), give(bob, viewAt(id, 3), read.slice(3))]);
  expect(both.map(({ head }) => head)).toEqual([5, 5]);
  expect(disk.logs.get(id)).toHaveLength(5);
  expect(await give(bob, viewAt(id, 3), read.slice(3))).toMatchObject({ head: 5 });
  expect(await outcomeOf(give(bob, { seq: 4, hash: noHash }, []))).toBe('other-log');
});

test('refuses a message that its author did not sign, and one that is on the log already', async () => {
  await loseTwo();
  const forged = read.slice(3).map((each) => ({ ...each, entry: { ...each.entry, signature: 'MAYCAQECAQE' } }));
  expect(await outcomeOf(give(alice, viewAt(id, 3), forged))).toBe('entry-refused');
  await give(alice, viewAt(id, 3), read.slice(3));
  expect(await outcomeOf(give(alice, viewAt(id, 5), read.slice(3, 4)))).toBe('entry-refused');
  expect(disk.logs.get(id)).toHaveLength(5);
});

test('appends the entries before the one that it refuses', async () => {
  await loseTwo();
  const [first, second] = read.slice(3);
  if (first === undefined || second === undefined) throw new Error('two entries were read');
  const forged = { ...second, entry: { ...second.entry, signature: 'MAYCAQECAQE' } };
  expect(await outcomeOf(give(alice, viewAt(id, 3), [first, forged, second]))).toBe('entry-refused');
  expect(disk.logs.get(id)).toHaveLength(4);
});

test('believes no time from the future', async () => {
  await loseTwo();
  await give(
    alice,
    viewAt(id, 3),
    read.slice(3).map((each) => ({ ...each, at: 8_640_000_000_000_000 })),
  );
  expect(disk.logs.get(id)?.every(({ at: time }) => time <= Date.now())).toBe(true);
});

test('takes a room back that it does not know, with invitations, a removal, an epoch and a revocation', async () => {
  const carol = await at.member('carol');
  await append(alice, invite(alice.who, id, { about: carol.who, seq: 3 }));
  await append(carol, join(carol.who, id, 4));
  await append(bob, leave(bob.who, id, 5));
  const wraps = wrapsFor(alice.who, carol.who);
  const answered = { number: 2, answers: 6, previous: '', wraps, head: viewAt(id, 6) };
  const previous = disk.rooms.get(id)?.epoch?.hash ?? '';
  await alice.client.request('put-wraps', { room: id, number: 2, wraps });
  await append(alice, epoch(alice.who, id, { ...answered, previous }));
  await at.server.revoke('carol', 'cessationOfOperation');
  read = await entriesOf(alice.client, 8);
  const before = structuredClone(disk.rooms.get(id));

  forget(0, new Map());
  disk.names.clear();
  const start = { seq: 0, hash: emptyLogHash(id) };
  expect(await outcomeOf(give(bob, viewAt(id, 3), read.slice(3)))).toBe('not-a-member');
  expect(await give(alice, start, read)).toMatchObject({ head: 8, hash: viewAt(id, 8).hash });
  // The rules and the log read the clock one after the other.
  const { epoch: key, ...others } = disk.rooms.get(id) ?? {};
  const { epoch: keyBefore, ...othersBefore } = before ?? {};
  expect(others).toEqual(othersBefore);
  expect(key).toEqual({ ...keyBefore, freshAt: read[6]?.at });
});

test('takes nothing from users who neither are members nor know the log', async () => {
  await loseTwo();
  const mallory = await at.member('mallory');
  expect(await outcomeOf(give(mallory, { seq: 3, hash: noHash }, []))).toBe('not-a-member');
  expect(await outcomeOf(give(mallory, viewAt(id, 2), []))).toBe('not-a-member');
  const { entry, room: other } = create(mallory.who, 'other');
  const stranger = join({ user: 'stranger', signer: mallory.who.signer }, other);
  const request = { room: other, after: { seq: 0, hash: emptyLogHash(other) }, done: true };
  const now = Date.now();
  expect(
    await outcomeOf(
      mallory.client.request('restore-entries', {
        ...request,
        entries: [entry, stranger].map((each) => ({ at: now, entry: each })),
      }),
    ),
  ).toBe('entry-refused');
});
