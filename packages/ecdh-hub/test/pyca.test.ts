/** An independent implementation, written in Python from the format as the README states it, reads and writes the same. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { optional } from '@chat/testkit';
import { expect, test } from 'vitest';
import { clientCreateKeys, getKeyFromHub, sendKeyToClient } from '../src/index.ts';
import { hex, suites, toHex, utf8 } from './setting.ts';

const PYTHON = '/usr/bin/python3';
const peer = fileURLToPath(new URL('pyca_peer.py', import.meta.url));

function ask(request: Record<string, string>): string {
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
  },
);
