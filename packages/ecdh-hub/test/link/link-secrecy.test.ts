/** What a thief of a stored end can open: all that comes later, and nothing that was opened before. */
import { expect, test } from 'vitest';
import { LinkRecipient, type LinkSender } from '../../src/index.ts';
import { nextChainKey, stepKeyOf } from '../../src/link/chain.ts';
import { openKey } from '../../src/link/link-wrap.ts';
import { contextOfWrap, keyOfWrap, linkContext, testLink, wrapsOf } from '../support/link-setting.ts';
import { native, seededKeys, toHex } from '../support/setting.ts';

const sent = 9;

/** Every byte string in a state: its fields, and each run of 32 bytes within them. */
function stringsIn(end: LinkSender | LinkRecipient): Uint8Array[] {
  const fields: unknown[] = Object.values(JSON.parse(JSON.stringify(end)));
  const texts = fields.filter((field): field is string => typeof field === 'string');
  const values = texts.map((text) => new Uint8Array(Buffer.from(text, 'base64url')));
  return values.flatMap((value) => [
    value,
    ...Array.from({ length: Math.max(0, value.length - 31) }, (_, at) => value.slice(at, at + 32)),
  ]);
}

/** Everything that the functions of the chain make of these strings, several times over, as keys of steps. */
function derivedFrom(strings: readonly Uint8Array[]): Uint8Array[] {
  let latest = strings.filter(({ length }) => length === 32);
  const all = new Map(latest.map((each) => [toHex(each), each]));
  for (let depth = 0; depth <= sent; depth++) {
    latest = latest.map((each) => nextChainKey(native, each));
    for (const each of latest) all.set(toHex(each), each);
  }
  return [...all.values()].flatMap((each) => [each, stepKeyOf(native, each)]);
}

/** Returns the numbers of the wraps that any of these keys opens. */
function openedWith(keys: readonly Uint8Array[], wraps: readonly Uint8Array[]): number[] {
  return wraps.flatMap((wrap, n) => {
    const opened = keys
      .map((key) => openKey(native, key, { wrap, context: contextOfWrap(n) }))
      .find((key) => key !== null);
    if (opened !== undefined) expect(opened).toEqual(keyOfWrap(n));
    return opened === undefined ? [] : [n];
  });
}

const { sender, recipient, opening } = testLink();
const { wraps } = wrapsOf(sender, sent);
const numbersFrom = (first: number) => Array.from({ length: sent - first }, (_, i) => first + i);

test('a stolen sender opens no wrap that it made before, and all that it makes later', () => {
  for (const made of [0, 1, 7]) {
    const stolen = wrapsOf(sender, made).sender;
    expect(openedWith(derivedFrom(stringsIn(stolen)), wraps)).toEqual(numbersFrom(made));
  }
});

test('a stolen recipient opens no wrap that it has opened, but those that it has skipped and all later ones', () => {
  let link = recipient;
  for (const n of [0, 5, 3, 7]) link = link.unwrap(wraps[n] as Uint8Array, contextOfWrap(n)).link;
  const opened = openedWith(derivedFrom(stringsIn(link)), wraps);
  expect(opened).toEqual([1, 2, 4, 6, ...numbersFrom(8)]);
});

test('the private key of the recipient opens the whole link as long as it lives', () => {
  const keys = seededKeys('X25519', 'link keys');
  let again = LinkRecipient.accept(keys, opening, linkContext);
  for (const [n, wrap] of wraps.entries()) {
    const { link, key } = again.unwrap(wrap, contextOfWrap(n));
    expect(key).toEqual(keyOfWrap(n));
    again = link;
  }
});

test('public bytes alone open nothing: opening, wraps and contexts', () => {
  const known = [opening, ...wraps].flatMap((bytes) =>
    Array.from({ length: bytes.length - 31 }, (_, at) => bytes.slice(at, at + 32)),
  );
  expect(openedWith(derivedFrom(known.slice(0, 30)), wraps)).toEqual([]);
});
