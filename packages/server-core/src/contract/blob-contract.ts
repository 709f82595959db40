/** Contract of `BlobStore`. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { NewBlob } from '../ports/blob-store.ts';
import { accountOf, cidOf, createOf, entryOf, hashOf, leaveOf } from './fixtures.ts';
import type { ContractTest, Subject } from './subject.ts';

const [den, attic] = [hashOf('den'), hashOf('attic')] as [string, string];
const bytesOf = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + seed) % 256);
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Returns a declaration. Its id follows from `text`. */
const blobOf = (text: string, options: Partial<NewBlob> = {}): NewBlob => ({
  ...{ id: cidOf(text), room: den, user: 'alice', bytes: 10, createdAt: 1_000 },
  ...options,
});

/** Stores a complete blob. */
async function put({ store }: Subject, blob: NewBlob, now = 2_000): Promise<Uint8Array> {
  const bytes = bytesOf(blob.bytes, blob.id.charCodeAt(0));
  await store.blobs.create(blob);
  assert.equal(await store.blobs.append(blob.id, 0, bytes), blob.bytes);
  assert.equal(await store.blobs.finish(blob.id, digest(bytes), now), 'finished');
  return bytes;
}

/** Adds the tests of blobs. */
export function blobContract(test: ContractTest): void {
  partContract(test);
  deletionContract(test);
  usageContract(test);
}

function partContract(test: ContractTest): void {
  test('keeps a blob that arrives in pieces, and returns ranges of it', async (subject) => {
    const blob = blobOf('one', { bytes: 1_000 });
    const bytes = bytesOf(1_000);
    const { blobs } = subject.store;
    assert.deepEqual(await blobs.create(blob), { ...blob, finishedAt: null, hash: null });
    for (let at = 0; at < 1_000; at += 300) await blobs.append(blob.id, at, bytes.subarray(at, at + 300));
    assert.equal(await blobs.finish(blob.id, digest(bytes), 2_000), 'finished');
    await subject.reopen();
    const stored = { ...blob, finishedAt: 2_000, hash: digest(bytes) };
    assert.deepEqual(await subject.store.blobs.find(blob.id), stored);
    for (const [offset, limit] of [
      [0, 1_000],
      [0, 1],
      [299, 2],
      [990, 100],
      [1_000, 5],
    ] as const) {
      const read = await subject.store.blobs.read(blob.id, offset, limit);
      assert.deepEqual([...read], [...bytes.subarray(offset, offset + limit)]);
    }
    assert.equal(await subject.store.blobs.verify(blob.id), 'sound');
  });

  test('skips bytes that it has, takes nothing after a gap, and no more than was declared', async ({
    store: { blobs },
  }) => {
    const blob = blobOf('one');
    const bytes = bytesOf(10);
    await blobs.create(blob);
    assert.equal(await blobs.received(blob.id), 0);
    assert.equal(await blobs.append(blob.id, 1, bytes.subarray(1)), 0);
    assert.equal(await blobs.append(blob.id, 0, bytes.subarray(0, 4)), 4);
    assert.equal(await blobs.append(blob.id, 0, bytes.subarray(0, 4)), 4);
    assert.equal(await blobs.append(blob.id, 2, bytes.subarray(2, 7)), 7);
    assert.equal(await blobs.append(blob.id, 8, bytes.subarray(8)), 7);
    assert.equal(await blobs.received(blob.id), 7);
    assert.equal(await blobs.append(blob.id, 7, bytesOf(20, 7 * 31 + 1)), 10);
    assert.equal(await blobs.append(blob.id, 10, bytes), 10);
    assert.equal(await blobs.finish(blob.id, digest(bytes), 5), 'finished');
    assert.deepEqual([...(await blobs.read(blob.id, 0, 99))], [...bytes]);
  });

  test('takes pieces that are appended at the same time in their order', async ({ store: { blobs } }) => {
    const blob = blobOf('one', { bytes: 100 });
    const bytes = bytesOf(100);
    await blobs.create(blob);
    const pieces = Array.from({ length: 10 }, (_, index) => index * 10);
    const ends = await Promise.all(pieces.map((at) => blobs.append(blob.id, at, bytes.subarray(at, at + 10))));
    assert.deepEqual(
      ends,
      pieces.map((at) => at + 10),
    );
    assert.equal(await blobs.finish(blob.id, digest(bytes), 5), 'finished');
  });

  test('goes on with an incomplete blob after a restart', async (subject) => {
    const blob = blobOf('one');
    const bytes = bytesOf(10);
    await subject.store.blobs.create(blob);
    await subject.store.blobs.append(blob.id, 0, bytes.subarray(0, 6));
    await subject.reopen();
    const { blobs } = subject.store;
    assert.equal(await blobs.received(blob.id), 6);
    assert.deepEqual(await blobs.create(blob), { ...blob, finishedAt: null, hash: null });
    assert.equal(await blobs.finish(blob.id, digest(bytes), 2), 'incomplete');
    await blobs.append(blob.id, 6, bytes.subarray(6));
    assert.equal(await blobs.finish(blob.id, digest(bytes), 2), 'finished');
    assert.equal(await blobs.received(blob.id), 10);
  });

  test('completes only bytes of the stated hash, and a complete blob stays as it is', async ({ store: { blobs } }) => {
    const blob = blobOf('one');
    const bytes = bytesOf(10);
    assert.equal(await blobs.finish(blob.id, digest(bytes), 2), 'incomplete');
    await blobs.create(blob);
    await blobs.append(blob.id, 0, bytesOf(10, 9));
    assert.equal(await blobs.finish(blob.id, digest(bytes), 2), 'wrong-hash');
    // The upload begins anew.
    assert.equal(await blobs.received(blob.id), 0);
    await blobs.append(blob.id, 0, bytes);
    assert.equal(await blobs.finish(blob.id, digest(bytes), 2), 'finished');
    assert.equal(await blobs.finish(blob.id, digest(bytes), 3), 'finished');
    assert.equal(await blobs.finish(blob.id, digest(bytesOf(1)), 3), 'wrong-hash');
    assert.equal(await blobs.append(blob.id, 0, bytesOf(10, 9)), 10);
    assert.deepEqual([...(await blobs.read(blob.id, 0, 10))], [...bytes]);
    assert.equal((await blobs.find(blob.id))?.finishedAt, 2);
    // Another declaration does not replace it.
    assert.equal((await blobs.create(blobOf('one', { user: 'bob' }))).user, 'alice');
  });
}

function deletionContract(test: ContractTest): void {
  const ids = async ({ store }: Subject) => (await store.blobs.list('all', null, 99)).map(({ id }) => id).sort();
  const idsOf = (...texts: readonly string[]) => texts.map(cidOf).sort();

  test('deletes a blob, erases its bytes once, and its id is free again', async (subject) => {
    const { blobs } = subject.store;
    await put(subject, blobOf('one'));
    await put(subject, blobOf('two'));
    assert.equal(await blobs.delete(cidOf('one')), true);
    assert.equal(await blobs.delete(cidOf('one')), false);
    assert.equal(await blobs.find(cidOf('one')), null);
    assert.equal(await blobs.append(cidOf('one'), 0, bytesOf(1)), 0);
    assert.equal(await blobs.finish(cidOf('one'), hashOf('x'), 1), 'incomplete');
    await blobs.create(blobOf('one'));
    assert.equal(await blobs.received(cidOf('one')), 0);
    assert.equal(await blobs.erase(), 1);
    assert.equal(await blobs.erase(), 0);
    await subject.reopen();
    await put(subject, blobOf('one'));
    assert.equal(await subject.store.blobs.verify(cidOf('two')), 'sound');
  });

  test('deletes the complete blobs of a room up to a time, and old incomplete ones', async (subject) => {
    const { blobs } = subject.store;
    await put(subject, blobOf('early'), 10);
    await put(subject, blobOf('late'), 20);
    await put(subject, blobOf('elsewhere', { room: attic }), 10);
    await blobs.create(blobOf('old', { createdAt: 5 }));
    await blobs.create(blobOf('new', { createdAt: 6 }));
    assert.equal(await blobs.deleteOfRoom(den, 10), 1);
    assert.deepEqual(await ids(subject), idsOf('late', 'elsewhere'));
    assert.equal(await blobs.deleteUnfinished(6), 1);
    assert.equal(await blobs.find(cidOf('old')), null);
    assert.notEqual(await blobs.find(cidOf('new')), null);
    assert.equal(await blobs.erase(), 2);
  });

  test('deletes the blobs of a room that is deleted or closed', async (subject) => {
    const { store } = subject;
    await store.append(createOf(den, 'den', 'alice'));
    await store.append(createOf(attic, 'attic', 'alice'));
    for (const room of [den, attic, null]) await put(subject, blobOf(`of ${room}`, { room }));
    await store.append(leaveOf(attic, 2, 'alice', { closes: true }));
    assert.deepEqual(await ids(subject), idsOf(`of ${den}`, 'of null'));
    await store.deleteRoom(den);
    await subject.reopen();
    assert.deepEqual(await ids(subject), idsOf('of null'));
    assert.equal(await subject.store.blobs.erase(), 2);
  });

  test('deletes the blobs of a user alone when the account is revoked', async (subject) => {
    await subject.store.register(accountOf('alice'), null);
    await put(subject, blobOf('own', { room: null }));
    await put(subject, blobOf('in the den'));
    await put(subject, blobOf('of bob', { room: null, user: 'bob' }));
    await subject.store.revokeAccount('alice', { at: 5, reason: 'keyCompromise' });
    assert.deepEqual(await ids(subject), idsOf('in the den', 'of bob'));
  });

  test('deletes the blobs that were complete before the messages that retention deletes', async (subject) => {
    const { store } = subject;
    await store.append(createOf(den, 'den', 'alice'));
    for (const seq of [2, 3]) await store.append(entryOf(den, seq, 'alice'));
    const at = (seq: number) => 1_000_000 + seq;
    for (const [text, time] of [
      ['first', at(1)],
      ['second', at(2)],
      ['third', at(3)],
    ] as const) {
      await put(subject, blobOf(text), time);
    }
    const bounds = { ageMs: null, messages: 1, bytes: null };
    await store.expire(den, { defaults: bounds, now: 2_000_000, latest: 0, limit: 9 });
    assert.deepEqual(await ids(subject), idsOf('third'));
  });
}

function usageContract(test: ContractTest): void {
  test('counts what rooms and users need, with what is not complete', async (subject) => {
    const { blobs } = subject.store;
    assert.deepEqual(await blobs.usage('all'), { blobs: 0, bytes: 0 });
    await put(subject, blobOf('one', { bytes: 10 }));
    await blobs.create(blobOf('two', { bytes: 20, user: 'bob' }));
    await put(subject, blobOf('three', { bytes: 40, room: null }));
    assert.deepEqual(await blobs.usage({ room: den }), { blobs: 2, bytes: 30 });
    assert.deepEqual(await blobs.usage({ user: 'alice' }), { blobs: 2, bytes: 50 });
    assert.deepEqual(await blobs.usage('all'), { blobs: 3, bytes: 70 });
    await blobs.delete(cidOf('one'));
    assert.deepEqual(await blobs.usage({ room: den }), { blobs: 1, bytes: 20 });
  });

  test('lists complete blobs in pages: all, or those of a user alone', async (subject) => {
    const { blobs } = subject.store;
    for (const text of ['a', 'b', 'c']) await put(subject, blobOf(text, { room: null }));
    await put(subject, blobOf('of bob', { room: null, user: 'bob' }));
    await put(subject, blobOf('in the den'));
    await blobs.create(blobOf('incomplete', { room: null }));
    const own = [cidOf('a'), cidOf('b'), cidOf('c')].sort();
    const first = await blobs.list('alice', null, 2);
    assert.deepEqual(
      first.map(({ id }) => id),
      own.slice(0, 2),
    );
    assert.deepEqual(
      (await blobs.list('alice', own[1] ?? null, 2)).map(({ id }) => id),
      own.slice(2),
    );
    assert.equal((await blobs.list('all', null, 99)).length, 5);
    assert.deepEqual(await blobs.usage({ user: 'bob' }), { blobs: 1, bytes: 10 });
  });
}
