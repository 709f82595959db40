/** An independent implementation in Python, written from the documented format, opens and makes the same links. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findPython, optional } from '@chat/testkit';
import { expect, test } from 'vitest';
import { clientCreateKeys, LinkRecipient, LinkSender } from '../../src/index.ts';
import { contextOfWrap, keyOfWrap, linkContext, wrapsOf } from '../support/link-setting.ts';
import { hex, suites, toHex } from '../support/setting.ts';

const python = findPython();
const peer = fileURLToPath(new URL('../support/link_peer.py', import.meta.url));

function ask(request: Record<string, unknown>): Uint8Array {
  const { status, stdout, stderr } = spawnSync(python, [peer], { input: JSON.stringify(request), encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return hex(stdout);
}

const context = toHex(linkContext);
const numbers = [0, 1, 2, 3];

optional('python3-cryptography', [python, '-c', 'import cryptography']).each(suites)(
  'pyca/cryptography, %s',
  (suite) => {
    const keys = clientCreateKeys(suite);
    const publicKey = toHex(keys.publicKey);

    test('opens the wraps of this library in any order', () => {
      const { link, opening } = LinkSender.open({ recipient: keys.publicKey, suite, context: linkContext });
      const { wraps } = wrapsOf(link, numbers.length);
      const order = [2, 0, 3, 1];
      const answer = ask({
        do: 'receive',
        suite,
        publicKey,
        privateKey: toHex(keys.privateKey),
        opening: toHex(opening),
        context,
        wraps: order.map((n) => ({ wrap: toHex(wraps[n] as Uint8Array), context: toHex(contextOfWrap(n)) })),
      });
      expect(toHex(answer)).toBe(order.map((n) => toHex(keyOfWrap(n))).join(''));
    });

    test('makes a link, and this library opens its wraps', () => {
      const items = numbers.map((n) => ({ key: toHex(keyOfWrap(n)), context: toHex(contextOfWrap(n)) }));
      const sent = ask({ do: 'send', suite, publicKey, context, keys: items });
      const openingBytes = sent.length - 60 * numbers.length;
      let recipient = LinkRecipient.accept(keys, sent.slice(0, openingBytes), linkContext);
      for (const n of numbers) {
        const wrap = sent.slice(openingBytes + 60 * n, openingBytes + 60 * (n + 1));
        const opened = recipient.unwrap(wrap, contextOfWrap(n));
        expect(opened.key).toEqual(keyOfWrap(n));
        recipient = opened.link;
      }
    });
  },
);
