/** Ends of a link as JSON: an end is equal after writing and reading, and other texts are refused. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { toBase64url } from '../../src/encoding/base64url.ts';
import { KeyHub, LinkRecipient, LinkSender } from '../../src/index.ts';
import { createGroup, testUser } from '../support/group-setting.ts';
import {
  contextOfWrap,
  keyOfWrap,
  restartedRecipient,
  restartedSender,
  testLink,
  wrapsOf,
} from '../support/link-setting.ts';
import { outcomeOf } from '../support/setting.ts';

type Fields = Record<string, unknown>;

const { sender, recipient } = testLink();
const { wraps, sender: later } = wrapsOf(sender, 8);
const skipping = recipient.unwrap(wraps[5] as Uint8Array, contextOfWrap(5)).link;

test('an end continues from its stored text', () => {
  for (const end of [sender, later]) expect(JSON.stringify(restartedSender(end))).toBe(JSON.stringify(end));
  for (const end of [recipient, skipping]) expect(JSON.stringify(restartedRecipient(end))).toBe(JSON.stringify(end));
  const { wrap } = restartedSender(later).wrap(keyOfWrap(8), contextOfWrap(8));
  expect(restartedRecipient(skipping).unwrap(wrap, contextOfWrap(8)).key).toEqual(keyOfWrap(8));
});

test('a text is short, and does not grow with the number of keys that were handed over', () => {
  expect(JSON.stringify(sender).length).toBeLessThan(128);
  expect(JSON.stringify(later)).toHaveLength(JSON.stringify(sender).length);
  let link = recipient;
  for (const [n, wrap] of wraps.entries()) link = link.unwrap(wrap, contextOfWrap(n)).link;
  expect(JSON.stringify(link).length).toBeLessThan(144);
});

test('the last step has the number 2^32 - 1, and the link ends with it', () => {
  const at = (end: LinkSender | LinkRecipient, fields: Fields) =>
    JSON.stringify({ ...JSON.parse(JSON.stringify(end)), ...fields });
  const last = 2 ** 32 - 1;
  const from = LinkSender.parse(at(sender, { step: last }));
  const { link, wrap } = from.wrap(keyOfWrap(0), contextOfWrap(0));
  const to = LinkRecipient.parse(at(recipient, { next: last })).unwrap(wrap, contextOfWrap(0));
  expect(to.key).toEqual(keyOfWrap(0));
  for (const ended of [link, restartedSender(link)]) {
    expect(thrownCode(() => ended.wrap(keyOfWrap(0), contextOfWrap(0)))).toBe('link-exhausted');
  }
  expect(thrownCode(() => restartedRecipient(to.link).unwrap(wrap, contextOfWrap(0)))).toBe('link-step-used');
});

/** A list of skipped steps, whose keys are zeros. */
function listOf(...steps: number[]): string {
  const list = new Uint8Array(36 * steps.length);
  for (const [i, step] of steps.entries()) new DataView(list.buffer).setUint32(36 * i, step);
  return toBase64url(list);
}

const ends: [string, string, (text: string) => unknown][] = [
  ['link-sender', JSON.stringify(sender), (text) => LinkSender.parse(text)],
  ['link-recipient', JSON.stringify(skipping), (text) => LinkRecipient.parse(text)],
];

const notKeys = [null, 7, '', {}, 'A'.repeat(42), `${'A'.repeat(43)}=`, `${'A'.repeat(42)}B`];
const notSteps = [null, 0, -1, 1.5, 2 ** 32 + 1, '1', {}];
const wrongValues: Readonly<Record<string, [string, unknown[]][]>> = {
  'link-sender': [
    ['id', [null, 7, '', 'A'.repeat(10), 'A'.repeat(12)]],
    ['step', notSteps],
    ['chainKey', notKeys],
  ],
  'link-recipient': [
    ['id', [null, 7, '', 'A'.repeat(10), 'A'.repeat(12)]],
    ['next', [...notSteps, 1, 5, 6]],
    ['chainKey', notKeys],
    [
      'skipped',
      [null, 7, {}, 'A', 'A'.repeat(47), `${listOf(1)}=`, listOf(0), listOf(2, 1), listOf(1, 1), listOf(6), listOf(7)],
    ],
  ],
};

describe.each(ends)('a %s is refused', (type, text, parse) => {
  const codeAfter = (change: Fields) => outcomeOf(() => parse(JSON.stringify({ ...JSON.parse(text), ...change })));

  test('not if it is unchanged', () => {
    expect(codeAfter({})).toBe('none');
  });

  test('if it is not JSON, or not JSON of an end', () => {
    for (const wrong of ['', '{', 'null', '7', '[]', '{}', text.slice(1), `${text}x`]) {
      expect(thrownCode(() => parse(wrong))).toBe('invalid-state');
    }
    expect(thrownCode(() => parse(undefined as never))).toBe('invalid-state');
  });

  test('if it has another type or version, an additional field, or lacks one', () => {
    const hub = JSON.stringify(createGroup([testUser('alice')]).hub);
    for (const [otherType, otherText] of [...ends, ['hub', hub] as const]) {
      if (otherType !== type) expect(thrownCode(() => parse(otherText))).toBe('invalid-state');
    }
    expect(thrownCode(() => KeyHub.parse(text))).toBe('invalid-state');
    for (const v of [0, 2, '1', null]) expect(codeAfter({ v })).toBe('invalid-state');
    expect(codeAfter({ more: 1 })).toBe('invalid-state');
    for (const name of Object.keys(JSON.parse(text)))
      expect(codeAfter({ [name]: undefined }), name).toBe('invalid-state');
  });

  test.each(wrongValues[type] ?? [])('if it has a wrong %s', (name, values) => {
    for (const value of values) expect(codeAfter({ [name]: value }), `${value}`).toBe('invalid-state');
  });
});

test('a list of skipped steps holds those within 1,024 of the latest, and no others', () => {
  const parse = (next: number, skipped: string) =>
    outcomeOf(() => LinkRecipient.parse(JSON.stringify({ ...JSON.parse(JSON.stringify(recipient)), next, skipped })));
  const steps = Array.from({ length: 1024 }, (_, i) => 10 + i);
  expect(parse(1035, listOf(...steps))).toBe('none');
  expect(parse(1036, listOf(...steps))).toBe('invalid-state');
  expect(parse(1034, listOf(...steps))).toBe('invalid-state');
  expect(parse(1035, listOf(9, ...steps))).toBe('invalid-state');
  expect(parse(1035, listOf(9, ...steps.slice(1)))).toBe('invalid-state');
});
