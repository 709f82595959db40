import { entryHash, type LoggedEntry, type LoggedStubs, type SignedEntry } from '@chat/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Applied,
  applyBacklog,
  applyEntry,
  composeLeave,
  composeMessage,
  type RoomCrypto,
} from '../../src/index.ts';
import { forge } from '../support/forged.ts';
import { crypto, type Log, Person, stubOf, three } from '../support/people.ts';

type Item = LoggedEntry | LoggedStubs;

/** The room's cryptography, with a count of signature checks. */
function counting(): { crypto: RoomCrypto; count: () => number } {
  let count = 0;
  const verify: RoomCrypto['verify'] = (...signed) => {
    count += 1;
    return crypto.verify(...signed);
  };
  return { crypto: { ...crypto, verify }, count: () => count };
}

/** Applies the items one by one: the result that `applyBacklog` must have. */
function oneByOne({ state: start }: Person, items: readonly Item[]): Applied {
  let state = start;
  const events: Applied['events'][number][] = [];
  for (const item of items) {
    if (item.seq <= state.head.seq) continue;
    const applied = applyEntry(state, item, crypto);
    events.push(...applied.events);
    if (applied.state === state) break;
    state = applied.state;
    if (events.some((event) => event.kind === 'epoch' && event.key === 'wanted')) break;
  }
  return { state, events };
}

const both = (reader: Person, items: readonly Item[], with_: RoomCrypto = crypto) => {
  const {
    taken,
    wantedEpoch,
    stopped: _stopped,
    logHashes: _logHashes,
    ...applied
  } = applyBacklog(reader.state, items, with_);
  return { taken, wantedEpoch, applied, expected: oneByOne(reader, items) };
};

const leaveTo = (log: Log, ...readers: Person[]) => log.people.filter((person) => !readers.includes(person));

/** Returns a room whose other members send messages while Bob is away. */
function away() {
  const { alice, bob, mallory, log } = three();
  log.people.splice(0, log.people.length, ...leaveTo(log, bob));
  return { alice, bob, mallory, log, missed: () => log.entries.slice(bob.state.head.seq) };
}

describe('a backlog', () => {
  test('gives the result of entry-by-entry reading, with one signature check for each author', () => {
    const { alice, bob, mallory, missed, log } = away();
    for (let index = 0; index < 20; index++) log.say(index % 3 === 0 ? mallory : alice, `message ${index}`);
    const counted = counting();
    const { taken, applied, expected } = both(bob, missed(), counted.crypto);
    expect(applied).toEqual(expected);
    expect(applied.events.map(({ kind }) => kind)).toEqual(Array(20).fill('message'));
    expect([taken, counted.count()]).toEqual([20, 2]);
  });

  test('is read up to an epoch whose wrap must be fetched, and then from there', () => {
    const { alice, bob, mallory, missed, log } = away();
    log.say(alice, 'before');
    log.leave(mallory);
    log.rekey(alice);
    log.say(alice, 'after');
    const first = both(bob, missed());
    expect(first.applied).toEqual(first.expected);
    expect([first.taken, first.wantedEpoch, missed().length]).toEqual([3, 4, 4]);
    bob.take(first.applied);
    log.wrap(bob, 4);
    bob.take(applyBacklog(bob.state, missed(), crypto));
    expect(bob.texts).toEqual(['before', 'after']);
    expect(bob.violations).toEqual([]);
  });

  test('may contain joins and leaves of its authors', () => {
    const { alice, bob, mallory, missed, log } = away();
    const carol = new Person('carol');
    log.say(mallory, 'one');
    log.join(carol, alice);
    log.say(carol, 'two');
    log.say(mallory, 'three');
    const { applied, expected } = both(bob, missed());
    expect(applied).toEqual(expected);
    expect(applied.events.filter(({ kind }) => kind === 'message')).toHaveLength(3);
  });

  test('gives the same result when it contains rejected forgeries', () => {
    const { alice, bob, mallory, missed, log } = away();
    log.say(alice, '1');
    const chain = alice.state.authors.get(alice.signer.fingerprint);
    const forged = forge(mallory, (content) => {
      const previous = chain?.last;
      Object.assign(content, { author: alice.signer.fingerprint, counter: (chain?.counter ?? 0) + 1, previous });
    });
    log.append({ ...forged, by: alice.signer.fingerprint });
    for (const text of ['2', '3', '4', '5']) log.say(alice, text);
    const { applied, expected } = both(bob, missed());
    expect(applied).toEqual(expected);
    bob.take(applied);
    expect(bob.texts).toEqual(['1', '2', '3', '4', '5']);
    expect(bob.violations).toEqual(['bad-signature']);
  });

  test('shows a message that its own author signed wrongly and then confirmed, which entry-by-entry reading rejects', () => {
    const { bob, mallory, missed, log } = away();
    const spoiled = composeMessage(mallory.author, mallory.state, 'spoiled');
    log.append({ ...spoiled, signature: new Uint8Array(70).fill(1) });
    const chain = missed().map(({ entry }) => entryHash(entry));
    log.append(forge(mallory, (content) => Object.assign(content, { counter: 2, previous: chain[0] })));
    const { applied, expected } = both(bob, missed());
    const kinds = (events: Applied['events']) => events.map((event) => ('code' in event ? event.code : event.kind));
    expect(kinds(expected.events)).toEqual(['bad-signature', 'missing-messages', 'message']);
    expect(kinds(applied.events)).toEqual(['message', 'message']);
    expect(applied.state).toEqual(expected.state);
  });

  test('skips entries that have been read before, and stops at a gap', () => {
    const { alice, bob, missed, log } = away();
    for (const text of ['1', '2', '3', '4']) log.say(alice, text);
    const [first, second, , fourth] = missed();
    if (first === undefined || second === undefined || fourth === undefined) throw new Error('nothing said');
    const { taken, applied, expected } = both(bob, [first, first, second, fourth]);
    expect(applied).toEqual(expected);
    expect(applied.events.map(({ kind }) => kind)).toEqual(['message', 'message', 'violation']);
    expect(taken).toBe(4);
  });
});

describe('a backlog that has been tampered with', () => {
  const { alice, bob, mallory, missed, log } = away();
  for (const text of ['1', '2']) log.say(alice, text);
  log.say(mallory, 'three');
  const carol = new Person('carol');
  log.join(carol, alice);
  for (const person of [carol, alice, mallory, carol, alice]) log.say(person, `by ${person.user}`);
  const late = composeMessage(mallory.author, mallory.state, 'under a key that carol has');
  log.append(composeLeave(carol.author, carol.state));
  log.append(late);
  const honest = missed();
  const known = new Map<string, boolean>();
  /** The room's cryptography, which caches the results of its checks. */
  const remembering: RoomCrypto = {
    ...crypto,
    verify(...signed) {
      const key = JSON.stringify(signed);
      const verdict = known.get(key) ?? crypto.verify(...signed);
      known.set(key, verdict);
      return verdict;
    },
  };
  const states = honest.map((_, index) => oneByOne(bob, honest.slice(0, index)).state);

  /** Composes a message that Mallory forges in another author's name and that continues that author's chain. */
  function impersonate(victim: Person, index: number): Item {
    const state = states[index] ?? bob.state;
    const chain = state.authors.get(victim.signer.fingerprint);
    const entry = forge({ ...mallory, signer: mallory.signer, user: 'mallory', now: 0, state } as Person, (content) => {
      Object.assign(content, { author: victim.signer.fingerprint, counter: (chain?.counter ?? 0) + 1 });
      Object.assign(content, { previous: chain?.last ?? content['previous'], head: state.head });
    });
    return { seq: 0, at: 0, entry: { ...entry, by: victim.signer.fingerprint } };
  }

  const flip = (bytes: Uint8Array, at: number) => {
    const copy = bytes.slice();
    const place = at % bytes.length;
    copy[place] = (copy[place] ?? 0) ^ 1;
    return copy;
  };

  const altered = (item: Item, change: (entry: SignedEntry) => Partial<SignedEntry>): Item =>
    'entry' in item ? { ...item, entry: { ...item.entry, ...change(item.entry) } } : item;

  type Tampering = (items: Item[], index: number, other: number) => void;
  const replace = (change: (item: Item, other: number, index: number) => Item): Tampering => {
    return (items, index, other) => {
      const item = items[index];
      if (item !== undefined) items[index] = change(item, other, index);
    };
  };
  const tamperings: Record<string, Tampering> = {
    payload: replace((item, other) => altered(item, ({ payload }) => ({ payload: flip(payload, other * 97) }))),
    signature: replace((item, other) => altered(item, (entry) => ({ signature: flip(entry.signature, other * 31) }))),
    author: replace((item) => altered(item, () => ({ by: alice.signer.fingerprint }))),
    type: replace((item) => altered(item, () => ({ type: 'message' }))),
    stub: replace((item) => ('entry' in item ? stubOf(item) : item)),
    drop: (items, index) => void items.splice(index, 1),
    repeat: (items, index, other) => void items.splice(other, 0, ...items.slice(index, index + 1)),
    swap: (items, index, other) =>
      void items.splice(index, 1, ...items.splice(other, 1, ...items.slice(index, index + 1))),
    impersonate: (items, index) => void items.splice(index, 0, impersonate(index % 2 === 0 ? alice : carol, index)),
    forge: (items, index) => void items.splice(index, 1, impersonate(index % 2 === 0 ? carol : alice, index)),
  };

  test('gives the result of entry-by-entry reading', () => {
    const place = fc.nat(honest.length - 1);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...Object.keys(tamperings)), place, place), { maxLength: 4 }),
        fc.boolean(),
        (tampered, renumbered) => {
          const items: Item[] = [...honest];
          for (const [name, index, other] of tampered) tamperings[name]?.(items, index, other);
          const sent = renumbered
            ? items.map((item, index) => ({ ...item, seq: bob.state.head.seq + 1 + index }))
            : items;
          const { applied, expected } = both(bob, sent, remembering);
          expect(applied).toEqual(expected);
        },
      ),
      { numRuns: 120 },
    );
  });

  test("shows no message forged in another author's name, at any place of a run", () => {
    for (const index of [0, 1, 2, honest.length - 3, honest.length]) {
      const items = [...honest.slice(0, index), impersonate(alice, index), ...honest.slice(index)];
      const sent = items.map((item, at) => ({ ...item, seq: bob.state.head.seq + 1 + at }));
      const { applied, expected } = both(bob, sent, remembering);
      expect(applied).toEqual(expected);
      expect(JSON.stringify(applied.events)).not.toContain('forged');
    }
  });
});
