/** Keys of skipped steps that the recipient forgets, so that a relay that withholds wraps does not decide how long they stay. */
import { thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { LinkRecipient } from '../../src/index.ts';
import { contextOfWrap, keyOfWrap, restartedRecipient, testLink, wrapsOf } from '../support/link-setting.ts';
import { outcomeOf } from '../support/setting.ts';

/** Returns an end that has opened the wraps 2, 5 and 7 of 9, and what each other one does at an end. */
function skipping() {
  const { sender, recipient } = testLink();
  const { wraps } = wrapsOf(sender, 9);
  const open = (link: LinkRecipient, n: number) => link.unwrap(wraps[n - 1] as Uint8Array, contextOfWrap(n - 1));
  let link = recipient;
  for (const n of [2, 5, 7]) link = open(link, n).link;
  const outcomes = (end: LinkRecipient) => [1, 3, 4, 6, 8].map((n) => outcomeOf(() => open(end, n)));
  return { link, open, outcomes };
}

const used = 'link-step-used';

test.each([
  [1, ['none', 'none', 'none', 'none', 'none']],
  [2, [used, 'none', 'none', 'none', 'none']],
  [4, [used, used, 'none', 'none', 'none']],
  [6, [used, used, used, 'none', 'none']],
  [8, [used, used, used, used, 'none']],
])('the keys of skipped steps before %i are gone, all others open', (step, expected) => {
  const { link, open, outcomes } = skipping();
  const after = link.forgetBefore(step);
  expect([outcomes(after), outcomes(restartedRecipient(after))]).toEqual([expected, expected]);
  expect([after.id, after.step, open(after, 9).key]).toEqual([link.id, 8, keyOfWrap(8)]);
});

test('the stored text holds no forgotten key, and the end before is unchanged', () => {
  const { link, outcomes } = skipping();
  const before = JSON.stringify(link);
  const skipped = (end: LinkRecipient) => Buffer.from(JSON.parse(JSON.stringify(end)).skipped, 'base64url');
  const [all, late] = [skipped(link), skipped(link.forgetBefore(5))];
  expect([all.length, late.length, skipped(link.forgetBefore(8)).length]).toEqual([4 * 36, 36, 0]);
  expect(all.subarray(3 * 36)).toEqual(late);
  expect([JSON.stringify(link), outcomes(link)]).toEqual([before, Array(5).fill('none')]);
});

test('a step that is no step of the past is refused', () => {
  const { link } = skipping();
  for (const step of [0, -1, 9, 1.5, Number.NaN, 2 ** 32, '3' as unknown as number]) {
    expect(thrownCode(() => link.forgetBefore(step))).toBe('invalid-argument');
  }
  const stolen = LinkRecipient.prototype.forgetBefore;
  expect(thrownCode(() => stolen.call({} as LinkRecipient, 1))).toBe('invalid-argument');
});
