/** A room in memory holds no entries. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { toBase64url } from '@chat/protocol';
import { generateSigner, importVerifier } from '@chat/signatures';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/contract/index.ts';
import { Rooms } from '../../src/domain/rooms.ts';
import { defaultLimits } from '../../src/limits/limits.ts';
import { create, epoch, message, newCid } from '../support/entries.ts';
import { TestLog } from '../support/test-server.ts';
import { watched } from '../support/views.ts';
import { listOf, wrapsFor } from '../support/wraps.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('holds nothing of an entry in memory once it is stored', async () => {
  const answers: WeakRef<object>[] = [];
  const memory = createMemoryStore();
  const append = memory.append.bind(memory);
  const store = Object.assign(memory, {
    append: async (...args: Parameters<typeof append>) => {
      await append(...args);
      const answer = {};
      answers.push(new WeakRef(answer));
      return answer as unknown as undefined;
    },
  });
  const signer = generateSigner();
  const rooms = new Rooms({
    store: watched(store),
    directory: store,
    judgeChain: () => null,
    authorities: [importVerifier(generateSigner().publicKey)],
    clock: Date.now,
    log: new TestLog(),
    limits: defaultLimits,
    invited: () => {},
    keyRenewed: async () => {},
  });
  const who = { user: 'alice', signer };
  const verifier = importVerifier(signer.publicKey);
  const author = { user: 'alice', fingerprint: verifier.fingerprint, key: toBase64url(signer.publicKey), verifier };
  const { entry, room } = create(who, 'den');
  const { release } = rooms.hold(room);
  await rooms.create({ author, cid: newCid(), entry });
  const wraps = wrapsFor(who);
  const key = epoch(who, room, { number: 1, answers: 1, wraps });
  await rooms.append(room, { author, cid: newCid(), entry: key, wraps: { take: () => listOf(wraps) } });
  for (let count = 0; count < 20; count++) {
    await rooms.append(room, { author, cid: newCid(), entry: message(who, room, 1), wraps: { take: () => null } });
  }
  // A WeakRef keeps its target alive until the end of the turn in which it was created.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(answers).toHaveLength(22);
  expect(answers.filter((answer) => answer.deref() !== undefined).length).toBeLessThan(3);
  release();
});
