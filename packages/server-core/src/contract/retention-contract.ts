/** Contract of `RetentionStore`: which messages are deleted, what remains of them, and what is counted. */
import assert from 'node:assert/strict';
import type { Expiry, RetentionBounds } from '../ports/retention-store.ts';
import type { Store } from '../ports/store.ts';
import { assertMatches } from './assert-matches.ts';
import { cidOf, createOf, entryOf, hashOf, joinOf, stored } from './fixtures.ts';
import type { ContractTest, Subject } from './subject.ts';

const room = hashOf('room');
const payload = 'x'.repeat(100);
/** The time of the entry at a position of these rooms. */
const timeOf = (seq: number) => 1_000_000 + seq;
const none: RetentionBounds = { ageMs: null, messages: null, bytes: null };
const expiry = (defaults: Partial<RetentionBounds>, rest: Partial<Expiry> = {}): Expiry => ({
  defaults: { ...none, ...defaults },
  now: timeOf(1_000),
  latest: 0,
  limit: 1_000,
  ...rest,
});

/** Creates a room with messages from position 2 on. */
async function roomWith({ store }: Subject, messages: number): Promise<void> {
  await store.append(createOf(room, 'den', 'alice'));
  for (let seq = 2; seq < messages + 2; seq++) await store.append(entryOf(room, seq, 'alice', { payload }));
}

/** Returns the positions of the messages that were deleted. */
async function deletedIn(store: Store): Promise<readonly number[]> {
  const rows = await store.read(room, 0, 1_000, 1e9);
  return rows.filter((row) => 'deletedAt' in row).map(({ seq }) => seq);
}

/** Adds the tests of retention. */
export function retentionContract(test: ContractTest): void {
  test('deletes nothing without bounds, and nothing of a room that it does not know', async (subject) => {
    await roomWith(subject, 3);
    const nothing = { messages: 0, bytes: 0, more: false };
    assert.deepEqual(await subject.store.expire(room, expiry({})), nothing);
    assert.deepEqual(await subject.store.expire(room, expiry({ ageMs: 0, messages: 0, bytes: 0 })), nothing);
    assert.deepEqual(await subject.store.expire(hashOf('no room'), expiry({ messages: 1 })), nothing);
    assert.deepEqual(await deletedIn(subject.store), []);
  });

  test('deletes by number, by bytes and by age, the oldest first', async (subject) => {
    await roomWith(subject, 10);
    assert.deepEqual(await subject.store.expire(room, expiry({ messages: 8 })), {
      ...{ messages: 2, bytes: 200, more: false },
    });
    assert.deepEqual(await deletedIn(subject.store), [2, 3]);
    assertMatches(await subject.store.expire(room, expiry({ bytes: 650 })), { messages: 2 });
    assert.deepEqual(await deletedIn(subject.store), [2, 3, 4, 5]);
    const old = expiry({ ageMs: 10 }, { now: timeOf(7) + 10 });
    assertMatches(await subject.store.expire(room, old), { messages: 1 });
    assert.deepEqual(await deletedIn(subject.store), [2, 3, 4, 5, 6]);
    assertMatches(await subject.store.expire(room, old), { messages: 0 });
    await subject.reopen();
    assert.deepEqual(await deletedIn(subject.store), [2, 3, 4, 5, 6]);
  });

  test('keeps position, hashes and client id of a deleted message, and every entry of another type', async (subject) => {
    const { store } = subject;
    const entries = [createOf(room, 'den', 'alice'), entryOf(room, 2, 'alice', { payload }), joinOf(room, 3, 'bob')];
    for (const entry of [...entries, entryOf(room, 4, 'bob', { payload })]) await store.append(entry);
    assertMatches(await store.expire(room, expiry({ ageMs: 1 })), { messages: 2, bytes: 200 });
    await subject.reopen();
    const [create, message, join] = entries.map(stored);
    const rows = await subject.store.read(room, 0, 10, 1e9);
    assert.deepEqual(rows.slice(0, 3), [
      create,
      { seq: 2, hash: message?.hash, logHash: message?.logHash, deletedAt: timeOf(1_000) },
      join,
    ]);
    assert.deepEqual(await subject.store.logHashes(room, 1, 1), [message?.logHash]);
    assertMatches(await subject.store.findAppended('alice', entries[1]?.cid ?? ''), { seq: 2 });
    assertMatches(await subject.store.load(room), { head: 4 });
    await subject.store.append(entryOf(room, 5, 'alice', { cid: cidOf('goes on') }));
    assertMatches(await subject.store.roomUsage(null, 10), [{ entries: 5, deleted: 2 }]);
  });

  test('never deletes the latest entries', async (subject) => {
    await roomWith(subject, 10);
    assertMatches(await subject.store.expire(room, expiry({ ageMs: 1 }, { latest: 4 })), { messages: 6 });
    assert.deepEqual(await deletedIn(subject.store), [2, 3, 4, 5, 6, 7]);
  });

  test('deletes at most the limit in one call', async (subject) => {
    await roomWith(subject, 5);
    const some = expiry({ ageMs: 1 }, { limit: 2 });
    assertMatches(await subject.store.expire(room, some), { messages: 2, more: true });
    assertMatches(await subject.store.expire(room, some), { messages: 2, more: true });
    assertMatches(await subject.store.expire(room, some), { messages: 1, more: false });
  });

  test('takes a message from the future for as old as the next one', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice'));
    await subject.store.append({ ...entryOf(room, 2, 'alice', { payload }), at: timeOf(1e9) });
    const old = expiry({ ageMs: 10 }, { now: timeOf(100) });
    assertMatches(await subject.store.expire(room, old), { messages: 0 });
    await subject.store.append(entryOf(room, 3, 'alice', { payload }));
    await subject.store.append({ ...entryOf(room, 4, 'alice', { payload }), at: timeOf(95) });
    assertMatches(await subject.store.expire(room, old), { messages: 2 });
    assert.deepEqual(await deletedIn(subject.store), [2, 3]);
  });

  test("uses the room's own bounds before the defaults, one by one", async (subject) => {
    const other = hashOf('other');
    await roomWith(subject, 5);
    await subject.store.append(createOf(other, 'attic', 'alice'));
    assert.equal(await subject.store.setRetention(hashOf('no room'), none), false);
    const own = { ageMs: 0, messages: 4, bytes: null };
    assert.equal(await subject.store.setRetention(room, own), true);
    await subject.reopen();
    assertMatches(
      (await subject.store.roomUsage(null, 10)).find((each) => each.room === room),
      { retention: own },
    );
    // No age although the default has one, 4 messages in place of 2, and the default of bytes.
    assertMatches(await subject.store.expire(room, expiry({ ageMs: 1, messages: 2 })), { messages: 1 });
    assertMatches(await subject.store.expire(room, expiry({ bytes: 300 })), { messages: 1 });
    assert.equal(await subject.store.setRetention(room, none), true);
    assertMatches(await subject.store.expire(room, expiry({ ageMs: 1 })), { messages: 3 });
  });

  test('counts the messages that are kept, in pages', async (subject) => {
    await roomWith(subject, 5);
    const other = hashOf('other');
    await subject.store.append(createOf(other, 'attic', 'alice'));
    await subject.store.append(joinOf(room, 7, 'bob'));
    await subject.store.expire(room, expiry({ messages: 3 }));
    await subject.store.append(entryOf(room, 8, 'bob', { payload: '\u00e9\u00e9' }));
    await subject.reopen();
    const found: unknown[] = [];
    for (let after: string | null = null; ; ) {
      const page = await subject.store.messageUsage(after, 1);
      found.push(...page);
      after = page.at(-1)?.room ?? null;
      if (page.length === 0) break;
    }
    const sizes = [
      { room, messages: 4, bytes: 304, retention: none },
      { room: other, messages: 0, bytes: 0, retention: none },
    ];
    assert.deepEqual(await subject.store.messagesOf(room), sizes[0]);
    assert.deepEqual(await subject.store.messagesOf(other), sizes[1]);
    assert.equal(await subject.store.messagesOf(hashOf('no room')), null);
    assert.deepEqual(
      found,
      sizes.sort((a, b) => (a.room < b.room ? -1 : 1)),
    );
  });
}
