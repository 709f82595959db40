/** An independent implementation in Python, written from the documented format, reads and writes the same bytes. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findPython, optional } from '@chat/testkit';
import { expect, test } from 'vitest';
import { clientCreateKeys, getKeyFromHub, KeyHub, sendKeyToClient } from '../src/index.ts';
import { hex, suites, toHex, utf8 } from './support/setting.ts';

const python = findPython();
const peer = fileURLToPath(new URL('support/pyca_peer.py', import.meta.url));

function ask(request: Record<string, unknown>): string {
  const { status, stdout, stderr } = spawnSync(python, [peer], { input: JSON.stringify(request), encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

const context = utf8('room 1, epoch 1');

optional('python3-cryptography', [python, '-c', 'import cryptography']).each(suites)(
  'pyca/cryptography, %s',
  (suite) => {
    const keys = clientCreateKeys(suite);

    test.each([16, 32, 64])('unwraps an envelope of this library with a key of %i bytes', (size) => {
      const key = crypto.getRandomValues(new Uint8Array(size));
      const envelope = sendKeyToClient(keys.publicKey, key, context, { suite });
      const [privateKey, publicKey] = [toHex(keys.privateKey), toHex(keys.publicKey)];
      const answer = ask({ do: 'unwrap', privateKey, publicKey, envelope: toHex(envelope), context: toHex(context) });
      expect(answer).toBe(toHex(key));
    });

    test.each([16, 32, 64])('wraps a key of %i bytes, and this library unwraps it', (size) => {
      const key = crypto.getRandomValues(new Uint8Array(size));
      const publicKey = toHex(keys.publicKey);
      const envelope = ask({ do: 'wrap', suite, publicKey, key: toHex(key), context: toHex(context) });
      expect(getKeyFromHub(keys, hex(envelope), context)).toEqual(key);
    });

    test('applies the epochs of a group: a fresh one, a step, a removal', () => {
      const [group, id] = ['Zimmer 7, Süd', 'zoë'];
      const member = { id, publicKey: keys.publicKey };
      const others = ['a', 'b'].map((id) => ({ id, publicKey: clientCreateKeys(suite).publicKey }));
      const first = KeyHub.create({ name: group, suite, members: [...others.slice(0, 1), member] });
      const second = first.hub.join(others.slice(1));
      const third = second.hub.remove(['a']);
      const epochs = [first, second, third].map(({ announcement, wraps }) => {
        const wrap = wraps.find(({ to }) => to === id)?.wrap ?? new Uint8Array();
        return { announcement: toHex(announcement), wrap: toHex(wrap) };
      });
      const [privateKey, publicKey] = [toHex(keys.privateKey), toHex(keys.publicKey)];
      const answer = ask({ do: 'follow', suite, group, id, privateKey, publicKey, epochs });
      expect(answer).toBe([first, second, third].map(({ hub }) => toHex(hub.key())).join(''));
    });
  },
);
