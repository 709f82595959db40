import { encodePayload, entryTypes, type SignedEntry, toBase64url, utf8 } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { isFullRun, otherSignature } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyEntry,
  composeDecline,
  composeJoin,
  composeRemove,
  composeRole,
  emptyRoom,
  hubOrder,
} from '../../src/index.ts';
import { authority, crypto, EarlierPerson, fieldsOf, Log, Person, serverId, three } from '../support/people.ts';

/** Which bytes are altered: in a user's run every fifth. */
const stride = isFullRun ? 1 : 15;

const objects = fc.object({ values: [fc.string(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null)] });

describe('arbitrary input', () => {
  test('never throws, advances the log, and shows no message', () => {
    const { alice, bob, log } = three();
    const said = log.say(alice, 'true');
    fc.assert(
      fc.property(
        fc.constantFrom(...entryTypes),
        fc.oneof(fc.uint8Array(), fc.json().map(utf8), objects.map(encodePayload), fc.constant(said.entry.payload)),
        fc.constantFrom(alice.signer.fingerprint, authority.fingerprint, 'f'.repeat(64)),
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        (type, payload, by, signature) => {
          const item = { seq: bob.state.head.seq + 1, at: 0, entry: { type, payload, by, signature } };
          const { state, events } = applyEntry(bob.state, item, crypto);
          expect(state.head.seq).toBe(item.seq);
          expect(events.map(({ kind }) => kind)).toEqual(['violation']);
          expect({ ...state, head: null, recentHashes: null }).toEqual({
            ...bob.state,
            head: null,
            recentHashes: null,
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Returns the log of a room that has an entry of every type, and a reader's state before each entry. */
function everyType(alice: Person) {
  const log = new Log(alice);
  const bob = new Person('bob');
  const carol = new Person('carol');
  const dave = new Person('dave');
  const mallory = new Person('mallory');
  for (const person of [bob, carol, dave]) log.join(person, alice);
  log.invite(alice, mallory);
  const erin = new Person('erin');
  log.invite(alice, erin);
  log.append(composeDecline(erin.author, log.roomId, log.entries.length));
  log.rekey(alice);
  log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'moderator' }));
  log.say(bob, 'hello');
  log.append(composeRemove(bob.author, bob.state, 'carol'));
  log.leave(dave);
  log.renewKey(bob);
  log.revoke(mallory);
  log.rekey(alice);
  log.say(alice, 'bye');

  const reader = emptyRoom(log.roomId, 'f'.repeat(64), {
    authorities: [toBase64url(authority.publicKey)],
    serverId,
  });
  const states = [reader];
  for (const logged of log.entries) {
    const { state, events } = applyEntry(states.at(-1) ?? reader, logged, crypto);
    expect(events.filter(({ kind }) => kind === 'violation')).toEqual([]);
    states.push(state);
  }
  const latest = new Map(log.entries.map((logged) => [logged.entry.type, logged] as const));
  expect([...latest.keys()].sort()).toEqual([...entryTypes].sort());
  return [...latest].map(([type, logged]) => ({ type, logged, state: states[logged.seq - 1] ?? reader }));
}

const altered = (bytes: Uint8Array, at: number, change: number): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ change;
  return copy;
};

describe.each(everyType(new Person('alice')))('an altered $type entry', ({ type, logged, state }) => {
  const { entry } = logged;
  const { signature } = entry;

  /** Expects a violation, no effect, and another log hash than with the true entry. */
  const expectRejected = (change: Partial<SignedEntry>) => {
    const item = { ...logged, entry: { ...entry, ...change } };
    const { state: after, events } = applyEntry(state, item, crypto);
    expect(events.map(({ kind }) => kind)).toEqual(['violation']);
    expect({ ...after, head: null, recentHashes: null }).toEqual({ ...state, head: null, recentHashes: null });
    expect(after.head.hash).not.toBe(applyEntry(state, logged, crypto).state.head.hash);
  };

  test('is rejected whichever byte of the payload differs', () => {
    for (let at = 0; at < entry.payload.length; at += stride) {
      expectRejected({ payload: altered(entry.payload, at, 1 + ((at * 37) % 255)) });
    }
  });

  test('is rejected whichever field of the payload differs, is missing or is new', () => {
    const payload: Record<string, unknown> = fieldsOf(entry.payload);
    for (const name of Object.keys(payload)) {
      const value = payload[name];
      const others = [null, typeof value === 'number' ? value + 1 : `${value}0`, { ...payload, [name]: undefined }];
      for (const other of others) expectRejected({ payload: encodePayload({ ...payload, [name]: other }) });
      expectRejected({ payload: encodePayload({ ...payload, [name]: undefined }) });
    }
    expectRejected({ payload: encodePayload({ ...payload, more: 1 }) });
    expectRejected({ payload: utf8(JSON.stringify(payload)) });
    expectRejected({ payload: Uint8Array.of(...entry.payload, 0) });
    expectRejected({ payload: entry.payload.slice(0, -1) });
  });

  test('is rejected with another type or signer', () => {
    for (const other of entryTypes) if (other !== type) expectRejected({ type: other });
    const { fingerprint } = generateSigner();
    for (const by of [...Object.keys(state.members.toJSON()), authority.fingerprint, fingerprint]) {
      if (by !== entry.by) expectRejected({ by });
    }
  });

  test('is rejected whichever byte of the signature differs, or with one more or less', () => {
    for (let at = 0; at < signature.length; at += stride) {
      for (const change of [1, 0x80]) expectRejected({ signature: altered(signature, at, change) });
    }
    expectRejected({ signature: signature.slice(0, -1) });
    expectRejected({ signature: Uint8Array.of(...signature, 0) });
  });

  test('is rejected with the other s that is valid for the same data and key', () => {
    expectRejected({ signature: otherSignature(signature) });
  });

  test('is rejected at another position', () => {
    for (const seq of [logged.seq - 1, logged.seq + 1]) {
      const { state: after, events } = applyEntry(state, { ...logged, seq }, crypto);
      expect(events).toMatchObject([{ kind: 'violation', code: 'out-of-order' }]);
      expect(after).toBe(state);
    }
  });
});

describe('a room whose create entry has version 1', () => {
  test.each(everyType(new EarlierPerson('alice')))(
    'accepts a $type entry with either s, as on the day when it was appended',
    ({ logged, state }) => {
      const signature = otherSignature(logged.entry.signature);
      const { events } = applyEntry(state, { ...logged, entry: { ...logged.entry, signature } }, crypto);
      expect(events.map(({ kind }) => kind)).not.toContain('violation');
      expect(events).not.toEqual([]);
    },
  );

  test('goes on under that rule when its stored state says nothing of s', () => {
    const message = everyType(new EarlierPerson('alice')).find(({ type }) => type === 'message');
    const { lowS: _, ...stored } = message?.state ?? emptyRoom('', '');
    const { seq, entry } = message?.logged ?? { seq: 0 };
    const signature = otherSignature(entry?.signature ?? new Uint8Array(0));
    const { events } = applyEntry(stored, { seq, at: 0, entry: { ...entry, signature } as SignedEntry }, crypto);
    expect(events.map(({ kind }) => kind)).not.toContain('violation');
  });
});

test("the server's list of online members decides which member acts first, never which members may act", () => {
  const { alice, bob, mallory, log } = three();
  const carol = new Person('carol');
  log.enter(carol);
  log.append(composeJoin(carol.author, log.roomId, log.entries.length));
  const order = hubOrder(alice.state, ['carol', 'ghost', 'mallory', 'alice']).map(({ user }) => user);
  expect(order).toEqual(['mallory', 'alice', 'carol']);
  expect(bob.state.members.get(mallory.signer.fingerprint)).toBeDefined();
});
