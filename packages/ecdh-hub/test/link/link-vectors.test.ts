/** One link with fixed values, which the Python of docs/format.md computed: a change of the format does not go unnoticed. */
import { describe, expect, test } from 'vitest';
import { stepKeyOf } from '../../src/link/chain.ts';
import { openKey } from '../../src/link/link-wrap.ts';
import { deriveRoot } from '../../src/link/root.ts';
import { wrapStep } from '../../src/link/sender-state.ts';
import { contextOfWrap } from '../support/link-setting.ts';
import { backends, hex, utf8 } from '../support/setting.ts';

const vector = {
  id: '38429f4efee46ba6',
  confirmation: 'a408632272bb112a491121fb26779309',
  wraps: [
    `38429f4efee46ba6 00000001 df04b507b228f2540ea6315b24be766a
     992bec6973feb115efca2cf31fd852364b4a4fc7a9aeb4a7933856ae692cdd6d`,
    `38429f4efee46ba6 00000002 17e36ca4d8cbcd4cf06a6d00fb733595
     0156d6d8d9aa4ee05ceba23ce9bf7417840aef5c9cd490753f6b8b04b50b0c4b`,
  ],
  chainKeyAfter: '131c7dd95c5e481f41457f27b6106a024ce356d1f80ce9e660fc81691f8b4b4c',
};

describe.each(backends)('%s', (_, backend) => {
  test('derives the fixed link, and wipes the shared secret', () => {
    const sharedSecret = new Uint8Array(32).fill(1);
    const { id, chainKey, confirmation } = deriveRoot(backend, sharedSecret, {
      suite: 'X-Wing',
      recipient: utf8('recipient'),
      encapsulation: utf8('encapsulation'),
      context: utf8('alice to bob'),
    });
    expect([id, confirmation]).toEqual([hex(vector.id), hex(vector.confirmation)]);
    expect(sharedSecret).toEqual(new Uint8Array(32));

    let state = { id, step: 1, chainKey };
    for (const [i, expected] of vector.wraps.entries()) {
      const [key, context] = [new Uint8Array(32).fill(i + 1), contextOfWrap(i + 1)];
      const wrap = hex(expected);
      expect(openKey(backend, stepKeyOf(backend, state.chainKey), { wrap, context })).toEqual(key);
      const next = wrapStep(backend, state, { key, context });
      expect(next.wrap).toEqual(wrap);
      state = next.state;
    }
    expect(state).toEqual({ id, step: 3, chainKey: hex(vector.chainKeyAfter) });
  });
});
