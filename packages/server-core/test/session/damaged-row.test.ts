/** A row that the disk has damaged: who needs it learns whose fault it is, the operator learns which, and all else goes on. */
import { expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import { type DamagedRow, type Store, StoreDamage } from '../../src/index.ts';
import { author, enrol, renew } from '../support/enrolling.ts';
import { message, newCid } from '../support/entries.ts';
import { outcomeOf } from '../support/test-client.ts';
import { room, testServer } from '../support/test-server.ts';

/** A store with damaged accounts and rooms, as `store-sqlite` reports them. */
class DamagedStore {
  readonly accounts = new Set<string>();
  readonly rooms = new Set<string>();
  readonly store: Store;
  #report: (row: DamagedRow) => void = () => {};

  constructor(disk: MemoryDisk) {
    const sound = createMemoryStore(disk);
    this.store = {
      ...sound,
      watchDamage: (listener) => {
        this.#report = listener;
      },
      findAccount: (user) =>
        this.#unless(this.accounts.has(user), { table: 'accounts', key: user }, () => sound.findAccount(user)),
      load: (id) => this.#unless(this.rooms.has(id), { table: 'rooms', key: id }, () => sound.load(id)),
      append: (entry) =>
        this.#unless(this.rooms.has(entry.room), { table: 'rooms', key: entry.room }, () => sound.append(entry)),
    };
  }

  async #unless<T>(isDamaged: boolean, row: DamagedRow, work: () => Promise<T>): Promise<T> {
    if (!isDamaged) return work();
    this.#report(row);
    throw new StoreDamage('damaged');
  }
}

async function started() {
  const damaged = new DamagedStore(new MemoryDisk());
  const at = await testServer({ store: damaged.store });
  const [alice, bob] = [await enrol(at, author('alice')), await enrol(at, author('bob'))];
  return { at, damaged, alice, bob };
}

const reportedIn = (at: Awaited<ReturnType<typeof testServer>>) =>
  at.log.lines.flatMap(({ level, fields }) => ('table' in fields ? [{ level, ...fields }] : []));

test('a user whose account is damaged is refused with the server’s damage, and not as unknown', async () => {
  const { at, damaged, alice, bob } = await started();
  await using _ = at;
  damaged.accounts.add('alice');
  const client = await at.connect(alice);
  expect(await client.ending()).toBe('store-damaged');
  expect(await outcomeOf(renew(at, alice))).toBe('store-damaged');
  expect(await outcomeOf(enrol(at, author('alice')))).toBe('store-damaged');
  await at.login(bob);
  // However often it is met, it is logged once.
  expect(reportedIn(at)).toEqual([{ level: 'error', table: 'accounts', key: 'alice' }]);
});

test('a damaged room is refused with the server’s damage, and another room goes on', async () => {
  const { at, damaged, alice } = await started();
  await using _ = at;
  const client = await at.login(alice);
  const member = { who: alice, client };
  const [{ id }, other] = [await room('den', [member]), await room('attic', [member])];
  damaged.rooms.add(id);
  const say = (where: string) =>
    outcomeOf(client.request('append', { room: where, cid: newCid(), entry: message(alice, where, 1) }));
  expect(await say(id)).toBe('store-damaged');
  expect(await outcomeOf(client.request('subscribe', { room: id, after: 0 }))).toBe('store-damaged');
  expect(await say(other.id)).toBe('ok');
  expect(reportedIn(at)).toEqual([{ level: 'error', table: 'rooms', key: id }]);
});

test('a damaged room does not stop a revocation in the others, nor the next start', async () => {
  const { at, damaged, alice, bob } = await started();
  const [first, second] = [
    { who: alice, client: await at.login(alice) },
    { who: bob, client: await at.login(bob) },
  ] as const;
  const [{ id }, other] = [await room('den', [first, second]), await room('attic', [first, second])];
  damaged.rooms.add(id);
  expect(await at.server.revoke('bob', 'keyCompromise')).toMatchObject({ rooms: 1, certificates: 1 });
  expect((await damaged.store.load(other.id))?.revoked).toMatchObject([{ user: 'bob' }]);
  await at[Symbol.asyncDispose]();
  const again = await testServer({ store: damaged.store });
  damaged.rooms.clear();
  await again[Symbol.asyncDispose]();
  // The start after the repair appends the entry.
  await using repaired = await testServer({ store: damaged.store });
  expect((await repaired.store.load(id))?.revoked).toMatchObject([{ user: 'bob' }]);
});
