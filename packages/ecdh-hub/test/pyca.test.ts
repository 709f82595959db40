/** An independent implementation, written in Python from the format as the README states it, reads and writes the same. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { optional } from '@chat/testkit';
import { expect, test } from 'vitest';
import { clientCreateKeys, getKeyFromHub, KeyHub, sendKeyToClient } from '../src/index.ts';
import { hex, suites, toHex, utf8 } from './setting.ts';

const PYTHON = '/usr/bin/python3';
const peer = fileURLToPath(new URL('pyca_peer.py', import.meta.url));

function ask(request: Record<string, unknown>): string {
  const { status, stdout, stderr } = spawnSync(PYTHON, [peer], { input: JSON.stringify(request), encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

const context = utf8('room 1, epoch 1');

optional('python3-cryptography', [PYTHON, '-c', 'import cryptography']).each(suites)(
  'pyca/cryptography, %s',
  (suite) => {
    const keys = clientCreateKeys(suite);

    test.each([16, 32, 64])('unwraps our envelope of a key of %i bytes', (size) => {
      const key = crypto.getRandomValues(new Uint8Array(size));
      const envelope = sendKeyToClient(keys.publicKey, key, context, { suite });
      const [privateKey, publicKey] = [toHex(keys.privateKey), toHex(keys.publicKey)];
      const answer = ask({ do: 'unwrap', privateKey, publicKey, envelope: toHex(envelope), context: toHex(context) });
      expect(answer).toBe(toHex(key));
    });

    test.each([16, 32, 64])('wraps a key of %i bytes for us', (size) => {
      const key = crypto.getRandomValues(new Uint8Array(size));
      const publicKey = toHex(keys.publicKey);
      const envelope = ask({ do: 'wrap', suite, publicKey, key: toHex(key), context: toHex(context) });
      expect(getKeyFromHub(keys, hex(envelope), context)).toEqual(key);
    });

    test('follows a group: a fresh epoch, a step, and a removal', () => {
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
