/** Contract of `LinkStore`. */
import assert from 'node:assert/strict';
import { toHex } from '@chat/protocol';
import type { LinkKey, WaitingLink } from '../ports/link-store.ts';
import { createOf, declineOf, hashOf, inviteOf, linkOf } from './fixtures.ts';
import type { ContractTest } from './subject.ts';

const at = (now: number, waiting = 160) => ({ now, waiting });
const [alice, bob] = [hashOf('alice'), hashOf('bob')];
const keyOf = ({ from, to, id }: LinkKey) => ({ from, to, id: toHex(id) });
const textOf = (link: WaitingLink) => ({ ...keyOf(link), prekey: toHex(link.prekey), opening: toHex(link.opening) });
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => linkOf('alice', 'bob', `link ${index}`));

/** Adds the tests of links. */
export function linkContract(test: ContractTest): void {
  test('keeps openings until their recipient confirms them, the oldest first', async (subject) => {
    const [first, second] = [linkOf('alice', 'bob', 'first'), linkOf('carol', 'bob', 'second')];
    assert.deepEqual(await subject.store.putLinks([second], at(2_000)), []);
    assert.deepEqual(await subject.store.putLinks([first, linkOf('alice', 'carol')], at(1_000)), []);
    await subject.reopen();
    assert.deepEqual((await subject.store.linksTo(bob, 9)).map(textOf), [textOf(first), textOf(second)]);
    assert.deepEqual((await subject.store.linksTo(bob, 1)).map(textOf), [textOf(first)]);
    await subject.store.confirmLinks([first]);
    await subject.reopen();
    assert.deepEqual((await subject.store.linksTo(bob, 9)).map(textOf), [textOf(second)]);
    assert.deepEqual(
      (await subject.store.linksFrom(alice)).map(({ to, id, isWaiting }) => [to, toHex(id), isWaiting]).sort(),
      [
        [bob, toHex(first.id), false],
        [hashOf('carol'), toHex(linkOf('alice', 'carol').id), true],
      ].sort(),
    );
  });

  test('stores all links of a request or none', async (subject) => {
    const link = linkOf('alice', 'bob');
    const other = { ...link, opening: Buffer.alloc(link.opening.length, 7) };
    const another = linkOf('alice', 'bob', 'another');
    assert.equal(await subject.store.putLinks([link, another, other], at(1)), null);
    assert.deepEqual(await subject.store.linksTo(bob, 9), []);
    assert.deepEqual(await subject.store.putLinks([link, link], at(1)), []);
    assert.deepEqual(await subject.store.putLinks([another, other], at(2)), null);
    assert.deepEqual(await subject.store.putLinks([link], at(2)), []);
    assert.deepEqual((await subject.store.linksTo(bob, 9)).map(textOf), [textOf(link)]);
  });

  test('counts the openings of one sender that wait for one recipient', async (subject) => {
    assert.deepEqual(await subject.store.putLinks(numbered(3), at(1, 2)), [0, 1, 2]);
    assert.deepEqual(await subject.store.putLinks(numbered(2), at(1, 2)), []);
    assert.deepEqual(await subject.store.putLinks(numbered(2), at(1, 2)), []);
    assert.deepEqual(await subject.store.putLinks(numbered(3), at(1, 2)), [2]);
    assert.deepEqual(await subject.store.putLinks([linkOf('carol', 'bob'), linkOf('alice', 'carol')], at(1, 2)), []);
    await subject.store.confirmLinks(numbered(1));
    assert.deepEqual(await subject.store.putLinks(numbered(3), at(1, 2)), []);
  });

  test('does not bring an opening back that was confirmed', async (subject) => {
    const link = linkOf('alice', 'bob');
    await subject.store.putLinks([link], at(1));
    await subject.store.confirmLinks([link]);
    assert.deepEqual(await subject.store.putLinks([link], at(2)), []);
    assert.deepEqual(await subject.store.linksTo(bob, 9), []);
  });

  test('confirms and loses the link of the named sender and recipient only', async (subject) => {
    const [link, namesake] = [linkOf('alice', 'bob', 'same'), linkOf('carol', 'bob', 'same')];
    const third = linkOf('alice', 'dave', 'same');
    await subject.store.putLinks([link, namesake, third], at(1));
    await subject.store.confirmLinks([link]);
    assert.deepEqual((await subject.store.linksTo(bob, 9)).map(textOf), [textOf(namesake)]);
    assert.deepEqual((await subject.store.loseLinks([namesake])).map(keyOf), [keyOf(namesake)]);
    assert.deepEqual(await subject.store.linksTo(bob, 9), []);
    assert.equal((await subject.store.linksTo(hashOf('dave'), 9)).length, 1);
    assert.equal((await subject.store.linksFrom(alice)).length, 2);
    assert.deepEqual(await subject.store.linksFrom(hashOf('carol')), []);
  });

  test('finds the links to recipients between two, these included', async (subject) => {
    const names = ['bob', 'carol', 'dave', 'erin'];
    await subject.store.putLinks(
      names.map((name) => linkOf('alice', name)),
      at(1),
    );
    const sorted = names.map(hashOf).sort();
    const [, first, last] = sorted as [string, string, string, string];
    const found = await subject.store.linksFrom(alice, { first, last });
    assert.deepEqual(found.map(({ to }) => to).sort(), [first, last]);
    assert.deepEqual((await subject.store.linksFrom(alice, { first, last: first })).length, 1);
  });

  test('reports a link as lost once, and none that does not exist', async (subject) => {
    const link = linkOf('alice', 'bob');
    await subject.store.putLinks([link], at(1));
    assert.deepEqual((await subject.store.loseLinks([link, linkOf('alice', 'bob', 'none')])).map(keyOf), [keyOf(link)]);
    await subject.reopen();
    assert.deepEqual(await subject.store.loseLinks([link]), []);
    assert.deepEqual(await subject.store.putLinks([link], at(2)), []);
    assert.deepEqual(await subject.store.linksFrom(alice), []);
    assert.deepEqual(await subject.store.linksTo(bob, 9), []);
  });

  test('deletes what a revoked user has not fetched, and keeps what others have not fetched', async (subject) => {
    const kept = [linkOf('alice', 'carol'), linkOf('bob', 'carol'), linkOf('dave', 'bob', 'confirmed')];
    const read = linkOf('bob', 'alice');
    await subject.store.putLinks([read, linkOf('alice', 'bob'), ...kept], at(1));
    await subject.store.confirmLinks([read, ...kept.slice(2)]);
    await subject.store.deleteLinks(bob);
    const left = (await subject.store.linksFrom(bob)).map(({ to, isWaiting }) => ({ to, isWaiting }));
    assert.deepEqual(left, [{ to: hashOf('carol'), isWaiting: true }]);
    assert.deepEqual(await subject.store.linksTo(bob, 9), []);
    assert.equal((await subject.store.linksTo(hashOf('carol'), 9)).length, 2);
    assert.equal((await subject.store.linksFrom(alice)).length, 1);
  });

  test('deletes old links, but not those to an invited user of a direct room', async (subject) => {
    const room = hashOf('direct room');
    await subject.store.append(createOf(room, 'direct', 'alice', { join: 'direct', history: 'since-join' }));
    await subject.store.append(inviteOf(room, 2, 'alice', 'bob'));
    const old = [linkOf('alice', 'carol'), linkOf('carol', 'bob'), linkOf('bob', 'alice')];
    await subject.store.putLinks([linkOf('alice', 'bob'), ...old], at(1_000));
    await subject.store.putLinks([linkOf('dave', 'carol')], at(2_000));
    await subject.store.confirmLinks(old.slice(0, 1));
    assert.deepEqual(await subject.store.expireLinks({ before: 2_000, limit: 2 }), { rows: 2, more: true });
    assert.deepEqual(await subject.store.expireLinks({ before: 2_000, limit: 2 }), { rows: 1, more: false });
    await subject.reopen();
    assert.deepEqual((await subject.store.linksTo(bob, 9)).map(keyOf), [keyOf(linkOf('alice', 'bob'))]);
    assert.equal((await subject.store.linksFrom(hashOf('dave'))).length, 1);
    assert.equal((await subject.store.linksFrom(alice)).length, 1);
    await subject.store.append(declineOf(room, 3, 'bob'));
    assert.deepEqual(await subject.store.expireLinks({ before: 2_000, limit: 2 }), { rows: 1, more: false });
  });
}
