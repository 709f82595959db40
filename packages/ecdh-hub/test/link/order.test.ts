/** Wraps of a link that are lost, late, repeated or far ahead, through restarts of both ends from their stored texts. */
import { onlyInFullRun, thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LinkRecipient, LinkSender } from '../../src/index.ts';
import {
  contextOfWrap,
  keyOfWrap,
  restartedRecipient,
  restartedSender,
  testLink,
  wrapsOf,
} from '../support/link-setting.ts';
import { outcomeOf } from '../support/setting.ts';

const bound = 1024;

/** What happens next: a wrap is sent, one of those sent arrives (perhaps again), or an end restarts. */
type Event = { readonly do: 'send' } | { readonly do: 'arrive'; readonly which: number } | { readonly do: 'restart' };

const events = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('send' as const) }),
    fc.record({ do: fc.constant('arrive' as const), which: fc.nat(200) }),
    fc.record({ do: fc.constant('restart' as const) }),
  ),
  { minLength: 1, maxLength: 60 },
) as fc.Arbitrary<Event[]>;

/** Runs a history and compares each outcome with a set of numbers, which is all that a recipient within the bound must know. */
function checkHistory(history: readonly Event[]): void {
  let { sender, recipient }: { sender: LinkSender; recipient: LinkRecipient } = testLink();
  const sent: Uint8Array[] = [];
  const used = new Set<number>();
  for (const event of history) {
    if (event.do === 'restart') {
      sender = restartedSender(sender);
      recipient = restartedRecipient(recipient);
    } else if (event.do === 'send') {
      const { link, wrap } = sender.wrap(keyOfWrap(sent.length), contextOfWrap(sent.length));
      sent.push(wrap);
      sender = link;
    } else if (sent.length > 0) {
      const n = event.which % sent.length;
      const before = JSON.stringify(recipient);
      const wrap = sent[n] as Uint8Array;
      if (used.has(n)) {
        expect(thrownCode(() => recipient.unwrap(wrap, contextOfWrap(n)))).toBe('link-step-used');
      } else {
        expect(outcomeOf(() => recipient.unwrap(wrap, contextOfWrap(n + 1)))).toBe('unwrap-failed');
        expect(JSON.stringify(recipient)).toBe(before);
        const opened = recipient.unwrap(wrap, contextOfWrap(n));
        expect(opened.key).toEqual(keyOfWrap(n));
        recipient = opened.link;
        used.add(n);
      }
      expect(recipient.step).toBe(Math.max(0, ...[...used].map((each) => each + 1)) + 1);
    }
  }
}

test('opens each wrap once in any order, with losses, repetitions and restarts', () => {
  fc.assert(fc.property(events, checkHistory), { numRuns: 60 });
});

onlyInFullRun('long random histories of links')('opens each wrap once', () => {
  test('in many histories', () => {
    fc.assert(fc.property(events, checkHistory), { numRuns: 3000 });
  });
});

describe('the bound of 1,024 steps', () => {
  const { sender, recipient } = testLink();
  const { wraps } = wrapsOf(sender, 2 * bound + 3);
  const open = (link: LinkRecipient, n: number) => link.unwrap(wraps[n] as Uint8Array, contextOfWrap(n)).link;
  const outcome = (link: LinkRecipient, n: number) => outcomeOf(() => open(link, n));

  test('ends how far a wrap may be ahead', () => {
    expect(outcome(recipient, bound)).toBe('none');
    expect(outcome(recipient, bound + 1)).toBe('link-step-ahead');
    expect(outcome(open(recipient, 0), bound + 1)).toBe('none');
  });

  test('ends how late a wrap may be: the keys before it are erased', () => {
    const far = open(restartedRecipient(recipient), bound);
    for (const n of [0, 1, bound - 1]) expect(outcome(far, n)).toBe('none');
    const further = restartedRecipient(open(far, bound + 1));
    expect(outcome(further, 0)).toBe('link-step-used');
    for (const n of [1, 2, bound - 1]) expect(outcome(further, n)).toBe('none');
    const furthest = open(further, 2 * bound + 2);
    expect(outcome(furthest, bound)).toBe('link-step-used');
    expect(outcome(furthest, bound + 1)).toBe('link-step-used');
    expect(outcome(furthest, bound + 2)).toBe('none');
    expect(outcome(furthest, 2 * bound + 1)).toBe('none');
  });

  test('bounds the stored text, however many wraps are lost', () => {
    let link = recipient;
    for (let n = bound; n < wraps.length; n += bound) link = open(link, n);
    expect(JSON.stringify(link).length).toBeLessThan(50_000);
    expect(JSON.stringify(restartedRecipient(link))).toBe(JSON.stringify(link));
    for (let n = wraps.length - 1; n > bound + 1; n--) if (n !== 2 * bound) link = open(link, n);
    expect(JSON.parse(JSON.stringify(link)).next).toBe(wraps.length + 1);
  });
});
