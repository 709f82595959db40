/** The recipient's ends of links: which openings are accepted, when a step is used up, and when a link is erased. */
import { fromBase64url, limits, prekeyId, toBase64url } from '@chat/protocol';
import { createRoomCrypto, linkContext, type OwnPrekey, type SenderLink, wrapContext } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { keptMs, longestKeptDays } from '../../../src/keys/links/link-life.ts';
import { maxLinks, type ReceivedOpening, RecipientLinks } from '../../../src/keys/links/recipient-links.ts';
import { authority } from '../../support/isolated-client.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const crypto = createRoomCrypto();
const [minute, day] = [60_000, 24 * 60 * 60_000];
const roomId = '1'.repeat(64);
const me = 'b'.repeat(64);
const [alice, mallory] = ['a'.repeat(64), 'd'.repeat(64)];
const secret = new Uint8Array(32).fill(7);

let clock: ManualClock;
let prekeys: OwnPrekey[];
let [taken, strangers]: [string[], Set<string>] = [[], new Set()];
let links: RecipientLinks;

const find = (id: Uint8Array) =>
  prekeys.find(({ publicKey }) => Buffer.from(prekeyId(toBase64url(publicKey))).equals(id)) ?? null;
const created = (stored: ReturnType<RecipientLinks['toJSON']> = []) =>
  new RecipientLinks(
    {
      ...{ crypto, scheduler: clock, authority },
      prekeys: { find, openingsRead: () => {} },
      signer: { fingerprint: me } as never,
      isShared: (from) => !strangers.has(from),
    },
    stored,
    {
      taken: (room, epochNumber) => void taken.push(`${room === roomId} ${epochNumber}`),
      forget: (room) => void taken.push(`${room === roomId} forgotten`),
    },
  );

beforeEach(() => {
  clock = new ManualClock();
  prekeys = [crypto.newPrekey()];
  taken = [];
  strangers = new Set();
  links = created();
});

/** Restarts from what was stored. */
const restart = () => {
  links = created(JSON.parse(JSON.stringify(links)));
};

interface Opened {
  link: SenderLink;
  readonly opening: ReceivedOpening;
}

/** Opens a link to the latest prekey, as another client does. */
function opened(from = alice, to = me): Opened {
  const [{ publicKey }] = prekeys as [OwnPrekey];
  const context = linkContext(authority.serverId, from, to);
  const { link, opening } = crypto.openLink({ recipient: publicKey, context }) ?? expect.unreachable();
  const prekey = prekeyId(toBase64url(publicKey));
  return { link, opening: { from, id: fromBase64url(link.id), prekey, opening } };
}

function wrapped(sender: Opened, epochNumber: number) {
  const { link, wrap } = sender.link.wrap(secret, wrapContext({ roomId, epochNumber }));
  sender.link = link;
  return { roomId, epochNumber, from: sender.opening.from, wrap };
}

const secretsOf = (...numbers: number[]) => Object.fromEntries(numbers.map((number) => [number, 'AAAA']));

test('accepts an opening for the two users alone, to a prekey that it has', () => {
  expect(links.accept(opened().opening)).toBe(true);
  expect(links.accept({ ...opened().opening, from: mallory })).toBe(false);
  expect(links.accept(opened(alice, mallory).opening)).toBe(false);
  expect(links.accept({ ...opened().opening, id: new Uint8Array(8) })).toBe(false);
  const late = opened().opening;
  prekeys = [crypto.newPrekey()];
  expect(links.accept(late)).toBe(false);
});

test('opens the wraps of a link in any order, each once when its secret is in the room', () => {
  const sender = opened();
  links.accept(sender.opening);
  const wraps = [1, 2, 3].map((number) => wrapped(sender, number));
  for (const number of [3, 1, 2]) {
    const found = wraps[number - 1] as (typeof wraps)[number];
    expect(links.unwrap(found)).toEqual({ key: secret });
    // Nothing is used up while the room does not have the secret, so a crash in between loses nothing.
    expect(links.unwrap(found)).toEqual({ key: secret });
    links.took(roomId, secretsOf(number));
    expect(links.unwrap(found)).toBe('used');
    restart();
    expect(links.unwrap(found)).toBe('used');
  }
  expect(taken).toEqual(['true 3', 'true 1', 'true 2']);
});

test('uses up nothing for another room, without the secret, or after a lost connection or a new entry', () => {
  const sender = opened();
  links.accept(sender.opening);
  const found = wrapped(sender, 1);
  links.unwrap(found);
  links.took('2'.repeat(64), secretsOf(1));
  links.took(roomId, secretsOf(2));
  links.disconnected();
  links.took(roomId, secretsOf(1));
  expect([links.unwrap(found), taken]).toEqual([{ key: secret }, []]);
  links.entered(roomId);
  links.took(roomId, secretsOf(1));
  expect(taken).toEqual(['true forgotten']);
});

test('tells a wrap of an unknown link from one that was altered or made for another epoch', () => {
  const sender = opened();
  const found = wrapped(sender, 1);
  expect(links.unwrap(found)).toBe('unknown');
  links.accept(sender.opening);
  expect(links.unwrap({ ...found, from: mallory })).toBe('unknown');
  expect(links.unwrap({ ...found, epochNumber: 2 })).toBe('wrong');
  expect(links.unwrap({ ...found, wrap: found.wrap.map((byte, at) => (at === 59 ? byte ^ 1 : byte)) })).toBe('wrong');
  expect(links.unwrap(found)).toEqual({ key: secret });
});

test('never accepts an opening again, which would set the link back to its first step', () => {
  const sender = opened();
  links.accept(sender.opening);
  const found = wrapped(sender, 1);
  links.unwrap(found);
  links.took(roomId, secretsOf(1));
  expect([links.accept(sender.opening), links.unwrap(found)]).toEqual([true, 'used']);
  // Not after the link is given up, either, nor after it has served its time, as long as the prekey is there.
  links.drop(found);
  restart();
  expect([links.accept(sender.opening), links.unwrap(found)]).toEqual([false, 'unknown']);
  const second = opened();
  links.accept(second.opening);
  clock.sleep(keptMs);
  links.eraseOld('none');
  restart();
  expect(links.accept(second.opening)).toBe(false);
  prekeys = [crypto.newPrekey()];
  links.eraseOld('all');
  expect([links.accept(second.opening), links.toJSON()]).toEqual([false, []]);
});

test('keeps a link for two hours, or for two weeks while its wraps may be on their way', () => {
  expect([keptMs, longestKeptDays]).toEqual([2 * 60 * minute, 14]);
  const early = opened();
  links.accept(early.opening);
  clock.sleep(60 * minute);
  const late = opened();
  links.accept(late.opening);
  const kept = () => [early, late].map((sender) => links.unwrap(wrapped(sender, 1)) !== 'unknown');
  clock.sleep(60 * minute - 1);
  expect([links.hasLeftovers, kept()]).toEqual([false, [true, true]]);
  clock.sleep(1);
  expect(links.hasLeftovers).toBe(true);
  links.eraseOld('all');
  expect(kept()).toEqual([true, true]);
  links.eraseOld('none');
  expect(kept()).toEqual([false, true]);
  clock.sleep(60 * minute);
  links.eraseOld('all');
  restart();
  clock.sleep(14 * day - keptMs - 1);
  links.eraseOld('all');
  expect(kept()).toEqual([false, true]);
  clock.sleep(1);
  links.eraseOld('all');
  expect(kept()).toEqual([false, false]);
});

test('keeps old links of users who share no room, and no others, for an invitation by a stranger', () => {
  strangers.add(mallory);
  const [friend, stranger] = [opened(), opened(mallory)];
  for (const { opening } of [friend, stranger]) links.accept(opening);
  clock.sleep(keptMs);
  links.eraseOld('strangers');
  const kept = () => [friend, stranger].map((sender) => links.unwrap(wrapped(sender, 1)) !== 'unknown');
  expect(kept()).toEqual([false, true]);
  clock.sleep(14 * day - keptMs);
  links.eraseOld('strangers');
  expect(kept()).toEqual([false, false]);
});

test('forgets a step that was skipped when all was read, and still is some minutes later', () => {
  const sender = opened();
  links.accept(sender.opening);
  const made = (number: number) => wrapped(sender, number);
  const [lost, late, used, delayed, latest] = [made(1), made(2), made(3), made(4), made(5)] as const;
  const take = (found: typeof used) => {
    expect(links.unwrap(found)).toEqual({ key: secret });
    links.took(roomId, secretsOf(found.epochNumber));
  };
  take(used);
  expect(links.hasLeftovers).toBe(true);
  links.forgetSkipped();
  take(late); // The wrap of an earlier step may come after that of a later one.
  take(latest);
  links.forgetSkipped();
  expect([links.unwrap(lost), links.hasLeftovers]).toEqual(['used', true]);
  // That step had not been skipped yet when steps were forgotten the last time.
  take(delayed);
  expect(links.hasLeftovers).toBe(false);
});

test('keeps a link for a client that was away for a month, until its rooms are read', () => {
  const sender = opened();
  links.accept(sender.opening);
  clock.sleep(30 * day);
  links.eraseOld('all');
  expect(links.unwrap(wrapped(sender, 1))).toEqual({ key: secret });
  links.eraseOld('none');
  expect(links.unwrap(wrapped(sender, 1))).toBe('unknown');
});

test('counts the age of a link anew from a clock that was set back', () => {
  const sender = opened();
  links.accept(sender.opening);
  clock.sleep(-10 * day);
  expect(links.hasLeftovers).toBe(false);
  clock.sleep(keptMs);
  expect(links.hasLeftovers).toBe(true);
});

test.each([
  { who: 'a member', isStranger: false, most: 512 },
  { who: 'a stranger', isStranger: true, most: 64 },
])('takes no more than $most links of $who, and those of others all the same', ({ isStranger, most }) => {
  if (isStranger) strangers.add(mallory);
  const accepted = Array.from({ length: most + 1 }, () => links.accept(opened(mallory).opening));
  expect(accepted).toEqual([...Array(most).fill(true), false]);
  expect(links.accept(opened().opening)).toBe(true);
  clock.sleep(keptMs);
  links.eraseOld('none');
  restart();
  expect(links.accept(opened(mallory).opening)).toBe(true);
});

test('keeps half of the places for the links of users who share a room', () => {
  const [name] = links.accept(opened().opening) ? links.toJSON() : [];
  if (name === undefined) throw new Error('not accepted');
  const places = (count: number) => Array.from({ length: count }, (_, at) => ({ ...name, id: String(at), link: null }));
  strangers.add(mallory);
  links = created(places(maxLinks / 2));
  expect([links.accept(opened(mallory).opening), links.accept(opened().opening)]).toEqual([false, true]);
  links = created(places(maxLinks));
  expect(links.accept(opened().opening)).toBe(false);
});

test('counts a stored link that cannot be read as erased', () => {
  const sender = opened();
  links.accept(sender.opening);
  const stored = links.toJSON().map((held) => ({ ...held, link: { v: 1 } }));
  links = created(stored);
  expect([links.unwrap(wrapped(sender, 1)), links.accept(sender.opening)]).toEqual(['unknown', false]);
});

test('uses a link for the last of as many steps as its sender makes', () => {
  const sender = opened();
  links.accept(sender.opening);
  let found = wrapped(sender, 1);
  for (let step = 2; step <= limits.linkSteps; step++) found = wrapped(sender, step);
  expect(links.unwrap(found)).toEqual({ key: secret });
});

test('gives one list to be stored until a link changes, and what is stored shows each change', () => {
  const [one, two] = [opened(), opened(mallory)];
  const take = (number: number) => {
    links.unwrap(wrapped(one, number));
    links.took(roomId, secretsOf(number));
  };
  const sleep = (ms: number, hasOld: boolean) => {
    clock.sleep(ms);
    expect(links.hasLeftovers).toBe(hasOld);
  };
  const changes: readonly (() => unknown)[] = [
    () => links.accept(one.opening),
    () => take(1),
    () => wrapped(one, 2) && take(3),
    () => [links.forgetSkipped(), links.forgetSkipped()],
    () => links.accept(two.opening),
    () => links.drop(wrapped(two, 2)),
    () => sleep(-day, false),
    () => sleep(3 * day, true),
    () => sleep(-1, true),
    () => links.eraseOld('none'),
  ];
  for (const change of changes) {
    const before = links.toJSON();
    expect(links.toJSON()).toBe(before);
    const text = JSON.stringify(before);
    change();
    expect(JSON.stringify(links)).not.toBe(text);
    expect(JSON.stringify(before)).toBe(text);
  }
});
