/** Both backends make the same links, byte for byte, and each opens what the other makes. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import type { Suite } from '../../src/index.ts';
import { hmacSha256 } from '../../src/link/hmac.ts';
import { decodeOpening } from '../../src/link/opening.ts';
import { acceptLink, unwrapStep } from '../../src/link/recipient-state.ts';
import { openLink, wrapStep } from '../../src/link/sender-state.ts';
import { requireSuite } from '../../src/suite.ts';
import { contextOfWrap, keyOfWrap, linkContext } from '../support/link-setting.ts';
import { backends, crossings, native, portable, seededKeys, seededRandom, suites } from '../support/setting.ts';

/** Opens a link and wraps three keys. */
function history(backend: Backend, suite: Suite) {
  const recipient = seededKeys(suite).publicKey;
  const parameters = requireSuite(suite, 'invalid-argument');
  const opened = openLink(backend, {
    suite: parameters,
    recipient,
    context: linkContext,
    random: seededRandom('opening'),
  });
  let { state } = opened;
  const wraps = [0, 1, 2].map((n) => {
    const next = wrapStep(backend, state, { key: keyOfWrap(n), context: contextOfWrap(n) });
    state = next.state;
    return next.wrap;
  });
  return { state, opening: opened.opening, wraps };
}

test.each(suites)('%s: both backends make the same link of the same random bytes', (suite) => {
  expect(history(native, suite)).toEqual(history(portable, suite));
});

describe.each(crossings)('$writerName writes, $readerName reads', ({ writer, reader }) => {
  test.each(suites)('%s', (suite) => {
    const { state: sender, opening, wraps } = history(writer, suite);
    const accepting = { keys: seededKeys(suite), opening: decodeOpening(opening), context: linkContext };
    let state = acceptLink(reader, accepting);
    expect(state.id).toEqual(sender.id);
    for (const n of [2, 0, 1]) {
      const opened = unwrapStep(reader, state, {
        step: n + 1,
        wrap: wraps[n] as Uint8Array,
        context: contextOfWrap(n),
      });
      expect(opened.key).toEqual(keyOfWrap(n));
      state = opened.state;
    }
    expect([state.next, state.chainKey, state.skipped.length]).toEqual([sender.step, sender.chainKey, 0]);
  });
});

describe.each(backends)('%s', (_, backend) => {
  test('computes HMAC-SHA-256 like Node, for keys up to a block and messages of any size', () => {
    for (const keyBytes of [0, 1, 16, 32, 63, 64]) {
      for (const messageBytes of [0, 1, 55, 56, 64, 119, 600]) {
        const key = seededRandom('key')(keyBytes);
        const message = new Uint8Array(messageBytes).fill(keyBytes);
        const expected = new Uint8Array(createHmac('sha256', key).update(message).digest());
        expect(hmacSha256(backend, key, message)).toEqual(expected);
      }
    }
  });
});
