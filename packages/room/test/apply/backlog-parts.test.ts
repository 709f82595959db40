import { limits, utf8 } from '@chat/protocol';
import { isFullRun, longTest } from '@chat/testkit';
import { expect, test } from 'vitest';
import {
  type AppliedBacklog,
  applyBacklog,
  applyEntry,
  composeMessage,
  type LogItem,
  type RoomCrypto,
  readBacklog,
} from '../../src/index.ts';
import { forge } from '../support/forged.ts';
import { crypto, Person, three } from '../support/people.ts';

/** The room's cryptography in one thread, with a count of the signature checks since the last query. */
function counting() {
  let count = 0;
  const verify: RoomCrypto['verify'] = (...signed) => {
    count += 1;
    return crypto.verify(...signed);
  };
  const take = () => {
    const taken = count;
    count = 0;
    return taken;
  };
  return { crypto: { ...crypto, verify, verifyAsync: undefined }, take };
}

/** Returns a room in which two members have sent this many messages while Bob was away. */
function missed(messages: number) {
  const { alice, bob, mallory, log } = three();
  log.people.splice(log.people.indexOf(bob), 1);
  for (let index = 0; index < messages; index++) log.say(index % 3 === 0 ? alice : mallory, `message ${index}`);
  return { alice, bob, mallory, log, items: () => log.entries.slice(bob.state.head.seq) };
}

test('each part of reading a backlog does at most one entry or one signature check, and the result is the same', () => {
  const { bob, mallory, log, items } = missed(30);
  const spoiled = forge(mallory, (content) => Object.assign(content, { counter: 1 }));
  const honest = items();
  log.append({ ...spoiled, signature: new Uint8Array(3) });
  for (const backlog of [honest, items()]) {
    const counted = counting();
    const reading = readBacklog(bob.state, backlog, counted.crypto);
    let pauses = 0;
    let checks = 0;
    for (;;) {
      const { done, value } = reading.next();
      const made = counted.take();
      expect(made).toBeLessThanOrEqual(1);
      checks += made;
      pauses += 1;
      if (done !== true) continue;
      expect(value).toEqual(applyBacklog(bob.state, backlog, crypto));
      break;
    }
    expect(pauses).toBeGreaterThan(backlog.length);
    if (backlog === honest) expect(checks).toBe(2);
  }
});

test('entries of a backlog take effect only after all its signatures are verified', () => {
  const { bob, alice, mallory, items, log } = missed(4);
  const chain = alice.state.authors.get(alice.signer.fingerprint);
  const forged = forge(mallory, (content) => {
    Object.assign(content, { author: alice.signer.fingerprint, counter: (chain?.counter ?? 0) + 1 });
    Object.assign(content, { previous: chain?.last });
  });
  log.append({ ...forged, by: alice.signer.fingerprint });
  const before = JSON.stringify(bob.state);
  const reading = readBacklog(bob.state, items(), crypto);
  for (let pause = 0; pause < items().length; pause++)
    expect(reading.next()).toEqual({ done: false, value: undefined });
  expect(JSON.stringify(bob.state)).toBe(before);
  const { events } = applyBacklog(bob.state, items(), crypto);
  expect(events.map((event) => ('code' in event ? event.code : event.kind))).toEqual([
    ...Array(4).fill('message'),
    'bad-signature',
  ]);
});

/** Reads like a client: waits for each promise, and passes its value on. */
async function readWaiting(reading: ReturnType<typeof readBacklog>): Promise<AppliedBacklog> {
  let answer: boolean | undefined;
  for (;;) {
    const { done, value } = reading.next(answer);
    if (done === true) return value;
    answer = await value;
  }
}

longTest(
  'checks off the main thread give the same result, for entries of all types, also when a signature is wrong',
  async () => {
    const { alice, bob, mallory, log, items } = missed(40);
    log.join(new Person('carol'), alice);
    log.say(alice, 'after the join');
    log.leave(mallory);
    const honest = items();
    // In a user's run few of the messages.
    const wrong = honest.filter(({ entry }, index) => isFullRun || entry.type !== 'message' || index % 8 === 0);
    for (const spoiled of [null, ...wrong.map(({ seq }) => seq)]) {
      // The signature of another entry.
      const backlog = honest.map(({ entry, ...place }, index) => {
        const { signature } = place.seq === spoiled ? (honest[(index + 1) % honest.length]?.entry ?? entry) : entry;
        return { ...place, entry: { ...entry, signature } };
      });
      const read = await readWaiting(readBacklog(bob.state, backlog, crypto));
      expect(read).toEqual(applyBacklog(bob.state, backlog, crypto));
      expect(read.events.some((event) => event.kind === 'violation')).toBe(spoiled !== null);
    }
  },
);

test('at most sixteen signatures are checked at once, each once, and none in this thread', async () => {
  const { alice, bob, log, items } = missed(1);
  for (let index = 0; index < 20; index++) log.join(new Person(`member${index}`), alice);
  let [running, most, checks] = [0, 0, 0];
  const verifyAsync: RoomCrypto['verifyAsync'] = async (signed) => {
    checks += 1;
    running += 1;
    most = Math.max(most, running);
    const valid = await crypto.verifyAsync?.(signed);
    running -= 1;
    return valid === true;
  };
  const refuse = () => {
    throw new Error('checked in this thread');
  };
  const read = await readWaiting(
    readBacklog(bob.state, items(), { ...crypto, verify: refuse, verifyEitherS: refuse, verifyAsync }),
  );
  expect(read.events.filter(({ kind }) => kind === 'joined')).toHaveLength(20);
  expect(most).toBe(16);
  expect(checks).toBe(items().length);
});

test('the log hashes of a backlog are those of each of its entries, also of those that the state has no more', () => {
  const { bob } = three();
  const first = bob.state.head.seq + 1;
  const items = Array.from({ length: limits.viewEntries + 100 }, (_, index): LogItem => {
    const seq = first + index;
    if (index % 3 === 0) return { seq, hashes: new Uint8Array(32).fill(index) };
    const entry = {
      type: 'message',
      by: 'f'.repeat(64),
      payload: utf8(`${seq}`),
      signature: new Uint8Array(9),
    } as const;
    return { seq, at: 0, entry };
  });
  const { logHashes } = applyBacklog(bob.state, items, crypto);
  let { state } = bob;
  const expected = new Map<number, string>();
  for (const item of items) {
    ({ state } = applyEntry(state, item, crypto));
    if ('entry' in item) expected.set(item.seq, state.head.hash);
  }
  expect(logHashes).toEqual(expected);
});

longTest('many messages of twenty authors take one signature check for each author in each backlog', () => {
  const { alice, bob, mallory, log } = three();
  const others = Array.from({ length: 17 }, (_, index) => new Person(`author${index}`));
  const part = 300;
  const reader = new Person('reader');
  for (const person of [...others, reader]) log.join(person, alice);
  const authors = [alice, bob, mallory, ...others];
  const unchecked = { ...crypto, verify: () => true };
  let seen = alice.state;
  const items = Array.from({ length: 2 * part }, (_, index) => {
    const author = authors[(index * 7) % authors.length] ?? alice;
    const { head, recentHashes, authors: chains } = seen;
    const entry = composeMessage(author.author, { ...author.state, head, recentHashes, authors: chains }, `${index}`);
    const logged = { seq: head.seq + 1, at: 0, entry };
    seen = applyEntry(seen, logged, unchecked).state;
    return logged;
  });
  const counted = counting();
  let read = 0;
  for (let at = 0; at < items.length; at += part) {
    const { state, events } = applyBacklog(reader.state, items.slice(at, at + part), counted.crypto);
    reader.state = state;
    read += events.filter(({ kind }) => kind === 'message').length;
  }
  expect([read, reader.state.head]).toEqual([items.length, seen.head]);
  expect(counted.take()).toBe(2 * authors.length);
});
