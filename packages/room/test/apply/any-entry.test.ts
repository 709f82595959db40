import { toBase64url } from '@chat/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyEntry, composeJoin, hubOrder } from '../../src/index.ts';
import { authority, crypto, Person, three } from '../support/people.ts';

const entryTypes = ['create', 'join', 'leave', 'invite', 'role', 'remove', 'revoke', 'epoch', 'message'] as const;

describe('arbitrary input', () => {
  test('never throws, advances the log, and shows no message', () => {
    const { alice, bob, log } = three();
    const said = log.say(alice, 'true');
    fc.assert(
      fc.property(
        fc.constantFrom(...entryTypes),
        fc.oneof(fc.string(), fc.json(), fc.constant(said.entry.payload)),
        fc.constantFrom(alice.signer.fingerprint, authority.fingerprint, 'f'.repeat(64)),
        fc.uint8Array({ minLength: 1, maxLength: 100 }).map(toBase64url),
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

  test('an altered entry is never shown as valid', () => {
    const { alice, bob, log } = three();
    log.people.splice(log.people.indexOf(bob), 1);
    const said = log.say(alice, 'true');
    fc.assert(
      fc.property(fc.nat(said.entry.payload.length - 1), fc.integer({ min: 1, max: 127 }), (at, change) => {
        const code = said.entry.payload.charCodeAt(at) ^ change;
        const payload = `${said.entry.payload.slice(0, at)}${String.fromCharCode(code)}${said.entry.payload.slice(at + 1)}`;
        const { events } = applyEntry(bob.state, { ...said, entry: { ...said.entry, payload } }, crypto);
        expect(events.every(({ kind }) => kind === 'violation')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

test("the server's list of online members decides which member acts first, never which members may act", () => {
  const { alice, bob, mallory, log } = three();
  const carol = new Person('carol');
  log.enter(carol);
  log.append(composeJoin(carol.author, log.roomId, log.entries.length));
  const order = hubOrder(alice.state, ['carol', 'ghost', 'mallory', 'alice']).map(({ user }) => user);
  expect(order).toEqual(['mallory', 'alice', 'carol']);
  expect(bob.state.members[mallory.signer.fingerprint]).toBeDefined();
});
