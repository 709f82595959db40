/** Both ends of a link: each key opens once, for its recipient and its context, and nothing else opens. */
import { inspect } from 'node:util';
import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeLinkWrap, LinkRecipient, LinkSender } from '../../src/index.ts';
import { contextOfWrap, keyOfWrap, linkContext, testLink, wrapsOf } from '../support/link-setting.ts';
import { flipBit, seededKeys, seededRandom, suites, toHex, utf8 } from '../support/setting.ts';

const encapsulationBytes = { 'P-384': 97, 'P-256': 65, X25519: 32, 'X-Wing': 1120 };

describe.each(suites)('%s', (suite) => {
  const keys = seededKeys(suite);
  const options = { recipient: keys.publicKey, suite, context: linkContext };
  const { link: sender, opening } = LinkSender.open(options, seededRandom('opening'));

  test('hands many keys over with one encapsulation', () => {
    let [from, to] = [sender, LinkRecipient.accept(keys, opening, linkContext)];
    expect([from.id, from.step, to.step]).toEqual([to.id, 1, 1]);
    for (let n = 0; n < 5; n++) {
      const { link, wrap } = from.wrap(keyOfWrap(n), contextOfWrap(n));
      const opened = to.unwrap(wrap, contextOfWrap(n));
      expect(opened.key).toEqual(keyOfWrap(n));
      [from, to] = [link, opened.link];
      expect([from.step, to.step]).toEqual([n + 2, n + 2]);
    }
  });

  test('has an opening of 18 bytes more than the encapsulation, and wraps of 60 bytes', () => {
    expect(opening).toHaveLength(18 + encapsulationBytes[suite]);
    expect(sender.wrap(keyOfWrap(0), contextOfWrap(0)).wrap).toHaveLength(60);
  });

  test('draws another link from the platform each time', () => {
    const [one, two] = [LinkSender.open(options), LinkSender.open(options)];
    expect(one.link.id).not.toBe(two.link.id);
    const { wrap } = one.link.wrap(keyOfWrap(0), contextOfWrap(0));
    expect(LinkRecipient.accept(keys, one.opening, linkContext).unwrap(wrap, contextOfWrap(0)).key).toEqual(
      keyOfWrap(0),
    );
  });

  test('refuses another key pair, another context and a damaged opening', () => {
    const other = seededKeys(suite, 'other');
    expect(thrownCode(() => LinkRecipient.accept(other, opening, linkContext))).toBe('unwrap-failed');
    expect(thrownCode(() => LinkRecipient.accept(keys, opening, utf8('alice to carol')))).toBe('unwrap-failed');
    // One bit of the confirmation, and of each part of the encapsulation.
    const codes = [2, 20, opening.length - 40, opening.length - 5].map((byte) =>
      thrownCode(() => LinkRecipient.accept(keys, flipBit(opening, 8 * byte), linkContext)),
    );
    expect(codes.filter((code) => code !== 'unwrap-failed' && code !== 'invalid-public-key')).toEqual([]);
  });

  test('refuses a pair whose halves do not belong together', () => {
    const mixed = { ...keys, privateKey: seededKeys(suite, 'other').privateKey };
    expect(thrownCode(() => LinkRecipient.accept(mixed, opening, linkContext))).toBe('invalid-private-key');
  });

  test('refuses an opening of another length, version or suite', () => {
    const changed = (at: number, value: number) => Uint8Array.from(opening, (byte, i) => (i === at ? value : byte));
    const wrong = [
      opening.slice(0, -1),
      Uint8Array.of(...opening, 0),
      opening.slice(0, 17),
      changed(0, 2),
      changed(1, 9),
    ];
    for (const each of [...wrong, new Uint8Array(), null, 'opening']) {
      expect(thrownCode(() => LinkRecipient.accept(keys, each as never, linkContext))).toBe('invalid-link');
    }
    const otherSuite = suite === 'X25519' ? 'P-256' : 'X25519';
    const otherKeys = seededKeys(otherSuite);
    expect(thrownCode(() => LinkRecipient.accept(otherKeys, opening, linkContext))).toBe('invalid-link');
  });
});

const { sender, recipient, opening } = testLink();
const { wraps } = wrapsOf(sender, 3);
const [first] = wraps as [Uint8Array];

test('is an X-Wing link unless another suite is named', () => {
  const keys = seededKeys('X-Wing');
  const { opening: hybrid } = LinkSender.open({ recipient: keys.publicKey, context: linkContext });
  expect(LinkRecipient.accept(keys, hybrid, linkContext).step).toBe(1);
});

test('does not open after a change of any bit, and opens afterwards unchanged', () => {
  for (let bit = 0; bit < 8 * first.length; bit++) {
    const code = thrownCode(() => recipient.unwrap(flipBit(first, bit), contextOfWrap(0)));
    if (bit < 64) expect(code).toBe('other-link');
    // A changed number names a later step, within the bound or beyond it.
    else if (bit < 96) expect(code).toMatch(/^(unwrap-failed|link-step-ahead|link-step-used)$/);
    else expect(code).toBe('unwrap-failed');
  }
  expect(recipient.unwrap(first, contextOfWrap(0)).key).toEqual(keyOfWrap(0));
});

test('does not open in another context, nor with the wrap of another step under its number', () => {
  expect(thrownCode(() => recipient.unwrap(first, contextOfWrap(1)))).toBe('unwrap-failed');
  expect(thrownCode(() => recipient.unwrap(first, new Uint8Array()))).toBe('unwrap-failed');
  const moved = Uint8Array.of(...(wraps[1] as Uint8Array).subarray(0, 12), ...first.subarray(12));
  expect(thrownCode(() => recipient.unwrap(moved, contextOfWrap(0)))).toBe('unwrap-failed');
});

test('does not open on another link, also under its id', () => {
  const other = testLink('X25519', 'other').recipient;
  expect(thrownCode(() => other.unwrap(first, contextOfWrap(0)))).toBe('other-link');
  const id = new Uint8Array(Buffer.from(other.id, 'base64url'));
  const renamed = Uint8Array.of(...id, ...first.subarray(8));
  expect(thrownCode(() => other.unwrap(renamed, contextOfWrap(0)))).toBe('unwrap-failed');
});

test('has another id and another chain for another context, another recipient or another draw', () => {
  const open = (context: string, recipientSeed: string, draw: string) =>
    LinkSender.open(
      { recipient: seededKeys('X25519', recipientSeed).publicKey, suite: 'X25519', context: utf8(context) },
      seededRandom(draw),
    ).link;
  const links = [open('a', 'x', '1'), open('b', 'x', '1'), open('a', 'y', '1'), open('a', 'x', '2')];
  const texts = links.map((link) => JSON.parse(JSON.stringify(link)));
  expect(new Set(texts.map(({ id }) => id)).size).toBe(4);
  expect(new Set(texts.map(({ chainKey }) => chainKey)).size).toBe(4);
});

test('tells link and step of a wrap without a key', () => {
  expect(wraps.map((wrap) => decodeLinkWrap(wrap))).toEqual([1, 2, 3].map((step) => ({ link: sender.id, step })));
  for (const wrong of [first.slice(1), Uint8Array.of(...first, 0), new Uint8Array(), null, 'wrap']) {
    expect(thrownCode(() => decodeLinkWrap(wrong as never))).toBe('invalid-link');
    expect(thrownCode(() => recipient.unwrap(wrong as never, contextOfWrap(0)))).toBe('invalid-link');
  }
  const view = new Uint8Array([9, 9, 9, ...first]).subarray(3);
  expect(decodeLinkWrap(view)).toEqual({ link: sender.id, step: 1 });
});

describe('a step that is used twice, from an old copy of the sender', () => {
  const wrapOf = (key: Uint8Array, context: Uint8Array) => sender.wrap(key, context).wrap;
  const bodyOf = (wrap: Uint8Array) => wrap.subarray(28);
  const xor = (a: Uint8Array, b: Uint8Array) => toHex(a.map((byte, i) => byte ^ (b[i] ?? 0)));

  test('gives the same bytes for the same key and context', () => {
    expect(wrapOf(keyOfWrap(0), contextOfWrap(0))).toEqual(first);
  });

  test('has another tag and another pad for another key or context, so that two wraps do not reveal two keys', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(3), (key, n) => {
        const wrap = wrapOf(key, contextOfWrap(n));
        const isSame = n === 0 && toHex(key) === toHex(keyOfWrap(0));
        fc.pre(!isSame);
        expect(toHex(wrap.subarray(12, 28))).not.toBe(toHex(first.subarray(12, 28)));
        expect(xor(bodyOf(wrap), bodyOf(first))).not.toBe(xor(key, keyOfWrap(0)));
      }),
    );
  });

  test('opens for the recipient once: the second wrap is refused', () => {
    const second = wrapOf(keyOfWrap(8), contextOfWrap(8));
    const { link } = recipient.unwrap(first, contextOfWrap(0));
    expect(thrownCode(() => link.unwrap(second, contextOfWrap(8)))).toBe('link-step-used');
  });
});

describe('many links at once', () => {
  const links = Array.from({ length: 5 }, (_, n) => testLink('X25519', `many ${n}`));
  const uses = links.map(({ sender: link }, n) => ({ link, context: contextOfWrap(n) }));

  test('give the wraps that each gives alone, in order', () => {
    const each = [...LinkSender.wrapForEach(keyOfWrap(0), uses)];
    expect(each.map(({ wrap }) => wrap)).toEqual(
      uses.map(({ link, context }) => link.wrap(keyOfWrap(0), context).wrap),
    );
    expect(each.map(({ link }) => link.step)).toEqual([2, 2, 2, 2, 2]);
    for (const [n, { wrap }] of each.entries()) {
      expect(links[n]?.recipient.unwrap(wrap, contextOfWrap(n)).key).toEqual(keyOfWrap(0));
    }
  });

  test('are computed one at a time, with the key as it was at the call', () => {
    const taken: number[] = [];
    const counted = uses.map((use, n) => ({
      get link() {
        taken.push(n);
        return use.link;
      },
      context: use.context,
    }));
    const key = keyOfWrap(0);
    const wraps = LinkSender.wrapForEach(key, counted);
    key.fill(0);
    expect(taken).toEqual([]);
    expect(wraps.next().value?.wrap).toEqual(uses[0]?.link.wrap(keyOfWrap(0), contextOfWrap(0)).wrap);
    expect(taken).toEqual([0]);
    wraps.return();
    expect(taken).toEqual([0]);
  });

  test('are refused if the key or the list is wrong at once, and if a link is wrong when it is its turn', () => {
    expect(thrownCode(() => LinkSender.wrapForEach(new Uint8Array(31), uses))).toBe('invalid-key');
    for (const wrong of [null, undefined, 7, {}]) {
      expect(thrownCode(() => LinkSender.wrapForEach(keyOfWrap(0), wrong as never))).toBe('invalid-argument');
    }
    for (const wrong of [null, undefined, 7, {}, { link: {} }, { link: Object.create(LinkSender.prototype) }]) {
      const wraps = LinkSender.wrapForEach(keyOfWrap(0), [wrong as never]);
      expect(thrownCode(() => wraps.next())).toBe('invalid-argument');
    }
  });
});

test('refuses keys of other sizes, long contexts, unknown options and public keys of another suite', () => {
  for (const size of [0, 16, 31, 33, 64]) {
    expect(thrownCode(() => sender.wrap(new Uint8Array(size), contextOfWrap(0)))).toBe('invalid-key');
  }
  const long = new Uint8Array(513);
  expect(sender.wrap(keyOfWrap(0), long.subarray(1)).wrap).toHaveLength(60);
  const { publicKey } = seededKeys('X25519');
  const opens = [
    { recipient: publicKey, suite: 'X25519', context: long },
    { recipient: publicKey, suite: 'X448', context: linkContext },
    { recipient: publicKey, suite: 'X25519', context: linkContext, contxt: 1 },
    { recipient: publicKey, suite: 'X25519' },
  ];
  for (const open of opens) expect(thrownCode(() => LinkSender.open(open as never))).toBe('invalid-argument');
  expect(thrownCode(() => sender.wrap(keyOfWrap(0), long))).toBe('invalid-argument');
  expect(thrownCode(() => recipient.unwrap(first, long))).toBe('invalid-argument');
  const keys = seededKeys('X25519', 'link keys');
  expect(thrownCode(() => LinkRecipient.accept(keys, opening, long))).toBe('invalid-argument');
  const short = { recipient: publicKey, context: linkContext };
  expect(thrownCode(() => LinkSender.open(short))).toBe('invalid-public-key');
  const lowOrder = { recipient: new Uint8Array(32), suite: 'X25519' as const, context: linkContext };
  expect(thrownCode(() => LinkSender.open(lowOrder))).toBe('invalid-public-key');
});

test('does not change an end that has made the next one, and shows no secret to the console', () => {
  const [before, after] = [JSON.stringify(sender), JSON.stringify(recipient)];
  sender.wrap(keyOfWrap(5), contextOfWrap(5));
  recipient.unwrap(wraps[2] as Uint8Array, contextOfWrap(2));
  expect([JSON.stringify(sender), JSON.stringify(recipient)]).toEqual([before, after]);
  for (const end of [sender, recipient]) {
    const { chainKey } = JSON.parse(JSON.stringify(end));
    expect(chainKey).toHaveLength(43);
    expect(inspect(end, { showHidden: true, depth: 9 })).not.toContain(chainKey);
  }
});
