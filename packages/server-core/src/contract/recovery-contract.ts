/** Contract of `RecoveryStore`. */
import assert from 'node:assert/strict';
import { accountOf } from './fixtures.ts';
import type { ContractTest } from './subject.ts';

const key = (name: string, madeAt = 1_000) => ({ key: `a2V5${name}`, madeAt });
const chunk = (id: number, length = 4) => ({ id: new Uint8Array(32).fill(id), bytes: new Uint8Array(length).fill(id) });
const head = (number: number) => ({ number, manifest: Uint8Array.of(number, 1, 2) });
const plenty = 1_000_000;

/** Adds the tests of backups. */
export function recoveryContract(test: ContractTest): void {
  test('keeps key, head and chunks of each user apart, also after reopening', async (subject) => {
    for (const user of ['alice', 'bob']) await subject.store.register(accountOf(user), null);
    assert.equal(await subject.store.findRecovery('alice'), null);
    assert.equal(await subject.store.putRecoveryChunk('alice', chunk(1), plenty), 'no-recovery');
    assert.equal(await subject.store.putRecoveryManifest('alice', head(1)), 'no-recovery');
    await subject.store.putRecoveryKey('alice', key('a'));
    await subject.store.putRecoveryKey('bob', key('b'));
    assert.deepEqual(await subject.store.findRecovery('alice'), { ...key('a'), number: 0, manifest: null });
    assert.equal(await subject.store.putRecoveryChunk('alice', chunk(1), plenty), 'stored');
    assert.equal(await subject.store.putRecoveryChunk('bob', chunk(2), plenty), 'stored');
    assert.equal(await subject.store.putRecoveryManifest('alice', head(3)), 'stored');
    await subject.reopen();
    const found = await subject.store.findRecovery('alice');
    assert.deepEqual(
      { ...found, manifest: [...(found?.manifest ?? [])] },
      { ...key('a'), number: 3, manifest: [3, 1, 2] },
    );
    const stored = await subject.store.findRecoveryChunk('alice', chunk(1).id);
    assert.deepEqual([...(stored ?? [])], [1, 1, 1, 1]);
    assert.equal(await subject.store.findRecoveryChunk('alice', chunk(2).id), null);
    assert.equal(await subject.store.recoveryBytes('alice'), 4);
  });

  test('lists and drops chunks, and counts their bytes against a bound', async (subject) => {
    await subject.store.register(accountOf('alice'), null);
    await subject.store.putRecoveryKey('alice', key('a'));
    for (const id of [3, 1, 2]) assert.equal(await subject.store.putRecoveryChunk('alice', chunk(id), 12), 'stored');
    assert.equal(await subject.store.putRecoveryChunk('alice', chunk(4), 12), 'full');
    assert.equal(await subject.store.putRecoveryChunk('alice', chunk(3, 5), 12), 'full');
    assert.equal(await subject.store.putRecoveryChunk('alice', chunk(3, 3), 12), 'stored');
    const list = async (after: number | null, limit: number) =>
      (await subject.store.recoveryChunks('alice', after === null ? null : chunk(after).id, limit)).map(([id]) => id);
    assert.deepEqual(await list(null, 2), [1, 2]);
    assert.deepEqual(await list(2, 2), [3]);
    await subject.store.dropRecoveryChunks('alice', [chunk(1).id, chunk(9).id]);
    assert.deepEqual(await list(null, 9), [2, 3]);
    assert.equal(await subject.store.recoveryBytes('alice'), 7);
  });

  test('takes a head only with a greater number', async (subject) => {
    await subject.store.register(accountOf('alice'), null);
    await subject.store.putRecoveryKey('alice', key('a'));
    assert.equal(await subject.store.putRecoveryManifest('alice', head(2)), 'stored');
    for (const number of [1, 2]) {
      assert.equal(await subject.store.putRecoveryManifest('alice', head(number)), 'outdated');
    }
    assert.equal((await subject.store.findRecovery('alice'))?.number, 2);
  });

  test('erases the backup with its key, and keeps it when the same key is registered again', async (subject) => {
    await subject.store.register(accountOf('alice'), null);
    const fill = async () => {
      await subject.store.putRecoveryChunk('alice', chunk(1), plenty);
      await subject.store.putRecoveryManifest('alice', head(1));
    };
    await subject.store.putRecoveryKey('alice', key('a'));
    await fill();
    await subject.store.putRecoveryKey('alice', key('a', 2_000));
    assert.equal((await subject.store.findRecovery('alice'))?.number, 1);
    await subject.store.putRecoveryKey('alice', key('b'));
    assert.deepEqual(await subject.store.findRecovery('alice'), { ...key('b'), number: 0, manifest: null });
    assert.equal(await subject.store.recoveryBytes('alice'), 0);
    await fill();
    await subject.store.endRecovery('alice');
    await subject.reopen();
    assert.equal(await subject.store.findRecovery('alice'), null);
    assert.equal(await subject.store.recoveryBytes('alice'), 0);
  });
}
