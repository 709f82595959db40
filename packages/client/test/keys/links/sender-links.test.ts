/** The sender's ends of links: for how long and how often one is used, and when it is erased. */
import { fromBase64url, limits } from '@chat/protocol';
import { createRoomCrypto } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { SenderLinks } from '../../../src/keys/links/sender-links.ts';
import { authority } from '../../support/isolated-client.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const crypto = createRoomCrypto();
const me = { fingerprint: 'a'.repeat(64) };
const bob = 'b'.repeat(64);
const carol = 'c'.repeat(64);
const prekey = crypto.newPrekey().publicKey;
const secret = new Uint8Array(32).fill(7);
const context = new Uint8Array(1);

let clock: ManualClock;
let links: SenderLinks;

const created = (stored = {}) => new SenderLinks({ crypto, scheduler: clock, authority, signer: me as never }, stored);

beforeEach(() => {
  clock = new ManualClock();
  links = created();
});

const wrapTo = (to: string) => links.wrap(to, (link) => link.wrap(secret, context));
const restart = () => {
  links = created(JSON.parse(JSON.stringify(links)));
};
const idOf = (wrap: Uint8Array | null) => Buffer.from(wrap?.subarray(0, 8) ?? []).toString('base64url');

test('opens a link for one pair of users at one server', () => {
  const opened = links.open(bob, prekey);
  const [id, opening] = [opened?.id ?? '', opened?.opening ?? new Uint8Array()];
  expect([opened?.to, fromBase64url(id).length, opening.length]).toEqual([bob, 8, limits.openingBytes]);
  expect(idOf(wrapTo(bob))).toBe(id);
  expect([links.isUsable(bob), links.isUsable(carol), wrapTo(carol)]).toEqual([true, false, null]);
});

test('opens none to bytes that are no prekey', () => {
  expect(links.open(bob, prekey.subarray(1))).toBeNull();
  expect(links.open(bob, new Uint8Array(prekey.length).fill(255))).toBeNull();
  expect(links.isUsable(bob)).toBe(false);
});

test('uses a link for an hour and a half by its own clock, also over restarts, and not after the clock was set back', () => {
  links.open(bob, prekey);
  clock.sleep(limits.linkAge - 1);
  restart();
  expect(links.isUsable(bob)).toBe(true);
  clock.sleep(1);
  expect([links.isUsable(bob), wrapTo(bob)]).toEqual([false, null]);
  links.open(bob, prekey);
  expect(links.isUsable(bob)).toBe(true);
  clock.sleep(-1);
  expect(links.isUsable(bob)).toBe(false);
});

test('uses a link for as many steps as a recipient may miss, and no step twice over restarts', () => {
  links.open(bob, prekey);
  const steps = new Set<number>();
  let wrap = wrapTo(bob);
  while (wrap !== null) {
    steps.add(Buffer.from(wrap).readUInt32BE(8));
    if (steps.size % 100 === 0) restart();
    wrap = wrapTo(bob);
  }
  expect([steps.size, Math.max(...steps)]).toEqual([limits.linkSteps, limits.linkSteps]);
});

test('replaces a link that the server does not know at most four times an hour', () => {
  const lose = () => {
    const opened = links.open(bob, prekey);
    return links.lose(bob, opened?.id ?? '');
  };
  expect([lose(), lose(), lose(), lose(), lose()]).toEqual([true, true, true, true, false]);
  // Until an hour has passed, the user is left out, whatever asks for a link.
  expect([links.open(bob, prekey), links.isUsable(bob), links.lose(carol, '')]).toEqual([null, false, true]);
  clock.sleep(60 * 60_000);
  expect(lose()).toBe(true);
});

test('erases the link that is named, and no later one to the same user', () => {
  const first = links.open(bob, prekey)?.id ?? '';
  links.open(bob, prekey);
  links.forget(bob, first);
  // The wrap on the first link is made again over the second one, which another room has opened.
  expect([links.lose(bob, first), links.isUsable(bob)]).toEqual([true, true]);
});

test('erases links to users who share no room any more, and all of them when another copy may have used them', () => {
  for (const to of [bob, carol]) links.open(to, prekey);
  links.keepOnly((to) => to === bob);
  expect(Object.keys(links.toJSON())).toEqual([bob]);
  links.clear();
  expect(links.toJSON()).toEqual({});
});

test('counts a stored link that cannot be read as missing', () => {
  links = created({ [bob]: { link: { v: 1 }, openedAt: clock.now() } });
  expect(links.isUsable(bob)).toBe(false);
  expect(links.toJSON()).toEqual({});
});

test('keeps a stored link that it has not used as it is', () => {
  links.open(bob, prekey);
  const stored = JSON.stringify(links);
  restart();
  expect(JSON.stringify(links)).toBe(stored);
});

test('runs the work on missing links one after another, also after a failure', async () => {
  const steps: string[] = [];
  const work = (name: string) => async () => {
    steps.push(`${name} begins`);
    await Promise.resolve();
    steps.push(`${name} ends`);
    if (name === 'first') throw new Error('No.');
  };
  const first = links.inTurn(work('first')).catch(() => undefined);
  await Promise.all([first, links.inTurn(work('second'))]);
  expect(steps).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

test('gives one object to be stored until a link changes, and what is stored shows each change', () => {
  const id = (to: string) => links.open(to, prekey)?.id ?? '';
  const changes: readonly (() => unknown)[] = [
    () => links.open(bob, prekey),
    () => wrapTo(bob),
    () => links.open(bob, prekey),
    () => links.forget(bob, idOf(wrapTo(bob))),
    () => links.lose(carol, id(carol)) && links.open(bob, prekey),
    () => links.keepOnly((to) => to !== bob),
    () => links.open(carol, prekey),
    () => links.clear(),
  ];
  for (const change of changes) {
    const before = links.toJSON();
    expect(links.toJSON()).toBe(before);
    const text = JSON.stringify(before);
    change();
    expect(JSON.stringify(links)).not.toBe(text);
    expect(JSON.stringify(before)).toBe(text);
  }
  expect(links.toJSON()).toEqual({});
});

test('stores no longer a link that cannot be read', () => {
  links = created({ [bob]: { link: { id: 'AAAA' }, openedAt: clock.now() } });
  expect(Object.keys(links.toJSON())).toEqual([bob]);
  expect(links.isUsable(bob)).toBe(false);
  expect(links.toJSON()).toEqual({});
});
