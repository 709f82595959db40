import { entryHash, type SignedEntry, toBase64url } from '@chat/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  acceptWrap,
  applyEntry,
  composeEpoch,
  composeJoin,
  composeLeave,
  composeMessage,
  emptyRoom,
  hubOrder,
} from '../src/index.ts';
import { messageKey } from '../src/key-schedule.ts';
import { encodeContent } from '../src/padding.ts';
import { currentSecret } from '../src/secret.ts';
import { crypto, Log, Person, signAnything } from './people.ts';

function three() {
  const alice = new Person('alice');
  const log = new Log(alice);
  const bob = new Person('bob');
  const mallory = new Person('mallory');
  log.join(bob, alice);
  log.join(mallory, alice);
  return { alice, bob, mallory, log };
}

/** A message whose content is altered before it is encrypted and signed properly by `person`. */
function forge(person: Person, change: (content: Record<string, unknown>) => void): SignedEntry {
  const current = currentSecret(person.state);
  if (current === null) throw new Error('no key');
  const chain = person.state.authors[person.signer.fingerprint];
  const content = {
    v: 1 as const,
    room: person.state.room,
    epoch: current.epoch,
    author: person.signer.fingerprint,
    counter: (chain?.counter ?? 0) + 1,
    previous: chain?.last ?? '',
    head: person.state.head,
    at: person.now,
    body: { kind: 'text' as const, text: 'forged' },
  };
  change(content);
  const key = messageKey(crypto, current.secret, person.state.room, current.epoch);
  const token = crypto.encrypt(key, encodeContent(content), person.now);
  const payload = { v: 1, type: 'message', room: person.state.room, epoch: current.epoch, token };
  return signAnything(person.signer, 'message', person.state.room, payload);
}

describe('a member who cheats', () => {
  test('cannot speak as another: the signature is their own', () => {
    const { bob, alice, mallory, log } = three();
    const forged = forge(mallory, (content) => {
      content['author'] = alice.signer.fingerprint;
    });
    log.append({ ...forged, by: alice.signer.fingerprint });
    log.append(forged);
    expect(bob.texts).toEqual([]);
    expect(bob.violations).toEqual(['bad-signature', 'damaged']);
  });

  test('cannot replay an entry of another room, type or epoch', () => {
    const { alice, bob, log } = three();
    const other = new Log(alice, 'other');
    const elsewhere = other.say(alice, 'said elsewhere');
    log.people[0] = alice;
    log.append(elsewhere.entry);
    expect(bob.texts).toEqual([]);
    expect(bob.violations).toEqual(['bad-signature']);
  });

  test('cannot move what was said in one room into another by encrypting it anew', () => {
    const { bob, mallory, log } = three();
    log.append(
      forge(mallory, (content) => {
        content['room'] = 'a'.repeat(64);
      }),
    );
    log.append(
      forge(mallory, (content) => {
        content['epoch'] = 1;
      }),
    );
    expect(bob.texts).toEqual([]);
    expect(bob.violations).toEqual(['damaged', 'damaged']);
  });

  test('cannot sign a message in the domain of another type', () => {
    const { alice, bob, log } = three();
    const { entry } = log.say(alice, 'true');
    log.append(signAnything(alice.signer, 'message', log.room, entry.payload, 'leave'));
    expect(bob.violations).toEqual(['bad-signature']);
  });

  test('cannot take a name that somebody in the room has, nor join twice', () => {
    const { alice, bob, mallory, log } = three();
    const impostor = new Person('alice');
    log.append(composeJoin(impostor.author, log.room, log.entries.length, impostor.prekey));
    log.append(composeJoin(mallory.author, log.room, log.entries.length, mallory.prekey));
    expect(bob.violations).toEqual(['already-a-member', 'already-a-member']);
    expect(bob.state.members[alice.signer.fingerprint]?.user).toBe('alice');
  });

  test('cannot join with a key that is not the one they sign with', () => {
    const { bob, alice, log } = three();
    const eve = new Person('eve');
    const entry = composeJoin(eve.author, log.room, log.entries.length, eve.prekey);
    const swapped = { ...JSON.parse(entry.payload), key: toBase64url(alice.signer.publicKey) };
    log.append(signAnything(eve.signer, 'join', log.room, swapped));
    expect(bob.violations).toEqual(['bad-signature']);
    expect(Object.keys(bob.state.members)).toHaveLength(3);
  });

  test("cannot join under a fingerprint that is not their key's, nor again under another name", () => {
    const { bob, mallory, log } = three();
    const eve = new Person('eve');
    const entry = composeJoin(eve.author, log.room, log.entries.length, eve.prekey);
    log.append({ ...entry, by: 'e'.repeat(64) });
    const again = { ...mallory.author, user: 'mallory2' };
    log.append(composeJoin(again, log.room, log.entries.length, mallory.prekey));
    expect(bob.violations).toEqual(['bad-signature', 'already-a-member']);
  });

  test('cannot name another room or another author inside what they sign for this one', () => {
    const { bob, mallory, log } = three();
    const leave = JSON.parse(composeLeave(mallory.author, mallory.state).payload);
    log.append(signAnything(mallory.signer, 'leave', log.room, { ...leave, room: 'b'.repeat(64) }));
    log.append(composeLeave(bob.author, bob.state));
    const epoch = JSON.parse(composeEpoch(mallory.author, mallory.state).entry.payload);
    log.append(signAnything(mallory.signer, 'epoch', log.room, { ...epoch, author: 'alice' }));
    expect(bob.violations).toEqual(['bad-signature', 'bad-signature']);
  });

  test('who never joined says nothing', () => {
    const { alice, bob, log } = three();
    const eve = new Person('eve');
    log.append({ ...composeMessage(alice.author, alice.state, 'x'), by: eve.signer.fingerprint });
    expect(bob.violations).toEqual(['not-a-member']);
  });

  test('cannot leave out a message of theirs that others saw', () => {
    const { bob, mallory, log } = three();
    log.say(mallory, 'one');
    log.append(
      forge(mallory, (content) => {
        content['previous'] = 'd'.repeat(64);
      }),
    );
    expect(bob.violations).toEqual(['missing-messages']);
    expect(bob.texts).toEqual(['one', 'forged']);
  });

  test('cannot make others leave, or answer for them', () => {
    const { alice, bob, mallory, log } = three();
    const payload = JSON.parse(composeLeave(alice.author, alice.state).payload);
    log.append(signAnything(mallory.signer, 'leave', log.room, payload));
    expect(bob.violations).toEqual(['not-a-member']);
    expect(bob.state.members[alice.signer.fingerprint]).toBeDefined();
  });

  test('cannot commit to one key and hand out another', () => {
    const { alice, bob, mallory, log } = three();
    log.leave(alice);
    const proposal = composeEpoch(mallory.author, mallory.state);
    const payload = { ...JSON.parse(proposal.entry.payload), commitment: 'ab'.repeat(32) };
    const number = payload.number as number;
    for (const { to, envelope } of proposal.wraps) log.wraps.set(`${number} ${to}`, envelope);
    log.append(signAnything(mallory.signer, 'epoch', log.room, payload));
    expect(bob.violations).toEqual(['wrong-key']);
    expect(bob.state.secrets[number]).toBeUndefined();
  });

  test('whose prekey is no key is left out, and the room goes on', () => {
    const { alice, bob, log } = three();
    const eve = new Person('eve');
    const off = new Uint8Array(97).fill(7);
    off[0] = 4;
    eve.prekey = { ...eve.prekey, publicKey: off };
    log.append(composeJoin(eve.author, log.room, log.entries.length, eve.prekey));
    expect(composeEpoch(alice.author, alice.state).wraps).toEqual([]);
    log.rekey(alice);
    log.say(alice, 'still here');
    expect(bob.texts).toEqual(['still here']);
  });
});

describe('a server that cheats', () => {
  test('cannot replay a message: the second time it is said to be one', () => {
    const { alice, bob, log } = three();
    const said = log.say(alice, 'once');
    log.append(said.entry);
    expect(bob.texts).toEqual(['once']);
    expect(bob.violations).toEqual(['replayed']);
  });

  test('cannot drop a message unseen', () => {
    const { alice, bob, log } = three();
    log.say(alice, 'seen');
    log.people.splice(log.people.indexOf(bob), 1);
    log.say(alice, 'dropped');
    const shown = log.say(alice, 'shown');
    bob.take(applyEntry(bob.state, { ...shown, seq: bob.state.head.seq + 1 }, crypto));
    expect(bob.texts).toEqual(['seen', 'shown']);
    expect(bob.violations).toEqual(['missing-messages', 'fork']);
  });

  test('cannot show two members different logs unseen', () => {
    const { alice, bob, mallory, log } = three();
    const toBob = log.people.splice(log.people.indexOf(bob), 1);
    expect(toBob).toEqual([bob]);
    log.say(mallory, 'only alice sees this');
    const other = composeMessage(mallory.author, bob.state, 'only bob sees this');
    bob.take(applyEntry(bob.state, { seq: bob.state.head.seq + 1, at: 0, entry: other }, crypto));
    log.say(alice, 'next');
    log.deliver(bob);
    expect(bob.violations).toContain('fork');
  });

  test('cannot skip or reorder: the log stays where it is', () => {
    const { alice, bob, log } = three();
    log.people.splice(log.people.indexOf(bob), 1);
    log.say(alice, '1');
    const second = log.say(alice, '2');
    const before = bob.state;
    bob.take(applyEntry(bob.state, second, crypto));
    expect(bob.state).toBe(before);
    expect(bob.violations).toEqual(['out-of-order']);
  });

  test('cannot give a stub in place of a message to a member', () => {
    const { alice, bob, log } = three();
    log.people.splice(log.people.indexOf(bob), 1);
    const said = log.say(alice, 'kept back');
    bob.take(applyEntry(bob.state, { seq: said.seq, hash: entryHash(said.entry) }, crypto));
    expect(bob.violations).toEqual(['withheld']);
    expect(bob.state.head).toEqual(alice.state.head);
  });

  test('cannot bring back a member with their old join, nor send one away with an old leave', () => {
    const { alice, bob, mallory, log } = three();
    const oldJoin = log.entries.find(({ entry }) => entry.by === mallory.signer.fingerprint)?.entry;
    const oldLeave = composeLeave(mallory.author, mallory.state);
    log.append(oldLeave);
    log.rekey(alice);
    if (oldJoin === undefined) throw new Error('mallory never joined');
    log.append(oldJoin);
    expect(bob.violations).toEqual(['replayed']);

    log.people.splice(log.people.indexOf(mallory), 1);
    log.join(mallory, alice);
    log.append(oldLeave);
    expect(bob.violations).toEqual(['replayed', 'replayed']);
    expect(bob.state.members[mallory.signer.fingerprint]).toBeDefined();
  });

  test('cannot put a second epoch, an old one, or one for another membership on the log', () => {
    const { alice, bob, mallory, log } = three();
    const epochs = log.entries.filter(({ entry }) => entry.type === 'epoch');
    const last = epochs.at(-1);
    if (last === undefined) throw new Error('no epoch');
    log.append(last.entry);
    expect(bob.violations).toEqual(['wrong-epoch']);

    log.append(composeLeave(mallory.author, mallory.state));
    const early = composeEpoch(alice.author, alice.state);
    const carol = new Person('carol');
    log.enter(carol);
    log.append(composeJoin(carol.author, log.room, log.entries.length, carol.prekey));
    log.append(early.entry);
    expect(bob.violations).toEqual(['wrong-epoch', 'wrong-epoch']);
  });

  test('cannot put an epoch on top of another than the latest', () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeLeave(mallory.author, mallory.state));
    const payload = JSON.parse(composeEpoch(alice.author, alice.state).entry.payload);
    for (const change of [
      { previous: 'c'.repeat(64) },
      { number: payload.number + 1 },
      { number: payload.number - 1 },
    ]) {
      log.append(signAnything(alice.signer, 'epoch', log.room, { ...payload, ...change }));
    }
    expect(bob.violations).toEqual(['wrong-epoch', 'wrong-epoch', 'wrong-epoch']);
  });

  test('is told on by control entries too: a leave says which log its author saw', () => {
    const { bob, mallory, log } = three();
    const payload = JSON.parse(composeLeave(mallory.author, mallory.state).payload);
    const elsewhere = { ...payload, head: { ...payload.head, hash: 'a'.repeat(64) } };
    log.append(signAnything(mallory.signer, 'leave', log.room, elsewhere));
    expect(bob.violations).toEqual(['fork']);
    expect(bob.events.at(-1)).toMatchObject({ kind: 'left', user: 'mallory' });
  });

  test('cannot let a step pass where somebody left', () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeLeave(mallory.author, mallory.state));
    const fresh = composeEpoch(alice.author, alice.state);
    const payload = { ...JSON.parse(fresh.entry.payload), kind: 'step' };
    log.append(signAnything(alice.signer, 'epoch', log.room, payload));
    expect(bob.violations).toEqual(['wrong-epoch']);
  });

  test('cannot place a message under an old key behind the removal of somebody who has it', () => {
    const { alice, bob, mallory, log } = three();
    const late = composeMessage(alice.author, alice.state, 'for those who were here');
    log.append(composeLeave(mallory.author, mallory.state));
    log.append(late);
    log.rekey(bob);
    log.append(late);
    expect(bob.texts).toEqual([]);
    expect(bob.violations).toEqual(['stale-key', 'stale-key']);
  });

  test("cannot hand a member another member's wrap, or one of another epoch", () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeLeave(mallory.author, mallory.state));
    log.people.splice(log.people.indexOf(bob), 1);
    log.rekey(alice);
    const [entry] = log.entries.slice(bob.state.head.seq);
    if (entry === undefined) throw new Error('nothing to read');
    bob.take(applyEntry(bob.state, entry, crypto));
    const wraps = [...log.wraps].filter(([key]) => key !== `4 ${bob.signer.fingerprint}`).map(([, wrap]) => wrap);
    for (const wrap of wraps) bob.take(acceptWrap(bob.state, 4, wrap, [bob.prekey], crypto));
    expect(bob.violations).toEqual(wraps.map(() => 'wrong-key'));
    log.wrap(bob, 4);
    expect(bob.state.secrets[4]).toBe(alice.state.secrets[4]);
  });

  test('cannot name a room after another: a create entry is the first, and of its own room', () => {
    const { alice, bob, log } = three();
    const other = new Log(alice, 'other');
    const [create] = other.entries;
    if (create === undefined) throw new Error('no create');
    log.append(create.entry);
    expect(bob.violations).toEqual(['wrong-create']);
    expect(bob.state.name).toBe('lobby');

    const carol = new Person('carol');
    carol.state = emptyRoom(log.room, carol.signer.fingerprint);
    carol.take(applyEntry(carol.state, create, crypto));
    expect(carol.violations).toHaveLength(1);
    expect(carol.state.name).toBeNull();
  });

  test('cannot open a room twice', () => {
    const { bob, log } = three();
    const [create] = log.entries;
    if (create === undefined) throw new Error('no create');
    log.append(create.entry);
    expect(bob.violations).toEqual(['wrong-create']);
  });
});

describe('anything at all', () => {
  test('never throws, moves the log on, and tells nothing to be said', () => {
    const { alice, bob, log } = three();
    const said = log.say(alice, 'true');
    fc.assert(
      fc.property(
        fc.constantFrom('create', 'join', 'leave', 'epoch', 'message' as const),
        fc.oneof(fc.string(), fc.json(), fc.constant(said.entry.payload)),
        fc.constantFrom(alice.signer.fingerprint, 'f'.repeat(64)),
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

  test('an altered entry is never shown as good', () => {
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

test("the server's word on who is online decides who acts first, never who may", () => {
  const { alice, bob, mallory, log } = three();
  const carol = new Person('carol');
  log.enter(carol);
  log.append(composeJoin(carol.author, log.room, log.entries.length, carol.prekey));
  const order = hubOrder(alice.state, ['carol', 'ghost', 'mallory', 'alice']).map(({ user }) => user);
  expect(order).toEqual(['mallory', 'alice', 'carol']);
  expect(bob.state.members[mallory.signer.fingerprint]).toBeDefined();
});
