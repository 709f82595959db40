import { limits, ProtocolError, toHex } from '@chat/protocol';
import { expect, test } from 'vitest';
import { createOf, hashOf, linkOf } from '../../../src/contract/fixtures.ts';
import { createMemoryStore } from '../../../src/contract/index.ts';
import { Links } from '../../../src/domain/keys/links.ts';
import type { LinkKey } from '../../../src/ports/link-store.ts';

const alice = { user: 'alice', fingerprint: hashOf('alice') };
const bob = { user: 'bob', fingerprint: hashOf('bob') };

/** A room of Alice to which Bob is invited, and its links. */
async function opened(bounds: object = {}) {
  const store = createMemoryStore();
  const room = hashOf('room');
  await store.append(createOf(room, 'den', 'alice'));
  const state = await store.load(room);
  if (state === null) throw new Error('There is no room.');
  const accepted = new Set([toHex(linkOf('alice', 'bob').prekey)]);
  const notified: string[] = [];
  let now = 1_000;
  const links = new Links({
    store,
    clock: () => now,
    limits: { linksPerDay: 86_400, linkBurst: 9, waitingLinks: 160, ...bounds },
    acceptedIds: async (users) => new Map(users.map((user) => [user, accepted])),
    notify: (user) => notified.push(user),
  });
  const invited = { ...state, invited: [{ ...bob, seq: 2, by: 'alice', at: 1 }] };
  const put = (...names: string[]) =>
    links.put(
      alice,
      invited,
      names.map((name) => linkOf('alice', 'bob', name)),
    );
  const pass = (ms: number) => {
    now += ms;
  };
  return { store, links, put, notified, accepted, pass, invited };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    (error: unknown) => (error instanceof ProtocolError ? error.code : String(error)),
  );

const nameOf = ({ from, id }: Pick<LinkKey, 'from' | 'id'>) => ({ from, id });

test('takes links to other members and invited users of the room only', async () => {
  const { links, invited } = await opened();
  const put = (link: ReturnType<typeof linkOf>) => codeOf(links.put(alice, invited, [link]));
  expect(await put(linkOf('alice', 'bob'))).toBe('ok');
  expect(await put(linkOf('alice', 'carol'))).toBe('unknown-member');
  expect(await put(linkOf('alice', 'alice'))).toBe('unknown-member');
});

test('takes no link to a prekey that its owner has replaced', async () => {
  const { put, accepted, links, invited } = await opened();
  accepted.clear();
  expect(await put('one', 'two')).toEqual([0, 1]);
  const other = linkOf('alice', 'bob', 'three');
  accepted.add(toHex(linkOf('alice', 'bob').prekey));
  expect(await links.put(alice, invited, [{ ...other, prekey: new Uint8Array(8) }, linkOf('alice', 'bob')])).toEqual([
    0,
  ]);
  expect((await links.waiting(bob)).links.map(nameOf)).toEqual([nameOf(linkOf('alice', 'bob'))]);
});

test('bounds the links of one user, and what waits for one recipient', async () => {
  const { put, pass } = await opened({ linkBurst: 2 });
  expect(await codeOf(put('one', 'two', 'three'))).toBe('limit-reached');
  expect(await codeOf(put('one', 'two'))).toBe('ok');
  expect(await codeOf(put('three'))).toBe('limit-reached');
  pass(1_000);
  expect(await codeOf(put('three'))).toBe('ok');
  const narrow = await opened({ waitingLinks: 1 });
  expect(await narrow.put('one', 'two')).toEqual([0, 1]);
  expect(await narrow.put('one')).toEqual([]);
  expect(await narrow.put('two', 'one')).toEqual([0]);
  // No user is notified of what was not taken.
  expect(narrow.notified).toEqual(['bob']);
});

test('hands openings out in pages, and notifies their recipient once until the recipient asks', async () => {
  const { links, put, notified } = await opened({ linkBurst: 200 });
  const names = Array.from({ length: limits.linksPerRequest + 1 }, (_, index) => `link ${index}`);
  await put(...names.slice(0, 3));
  await put(...names.slice(3));
  expect(notified).toEqual(['bob']);
  const first = await links.waiting(bob);
  expect([first.links.length, first.more]).toEqual([limits.linksPerRequest, true]);
  await links.confirm(bob, { taken: first.links.map(nameOf), lost: [] });
  const second = await links.waiting(bob);
  expect([second.links.length, second.more]).toEqual([1, false]);
  await put('another');
  expect(notified).toEqual(['bob', 'bob']);
});

test('confirms and loses nothing for another recipient', async () => {
  const { links, put, store } = await opened();
  await put('one');
  const { links: found } = await links.waiting(bob);
  const names = found.map(nameOf);
  await links.confirm({ user: 'mallory', fingerprint: hashOf('mallory') }, { taken: names, lost: names });
  expect((await links.waiting(bob)).links).toHaveLength(1);
  await links.confirm(bob, { taken: [], lost: names });
  expect(await store.linksFrom(alice.fingerprint)).toEqual([]);
});

test('refuses another opening under the id of one that waits', async () => {
  const { links, put, invited } = await opened();
  await put('one');
  const other = { ...linkOf('alice', 'bob', 'one'), opening: new Uint8Array(limits.openingBytes) };
  expect(await codeOf(links.put(alice, invited, [other]))).toBe('malformed-request');
  expect(await codeOf(put('one'))).toBe('ok');
});
