import { limits, type SignedEntry, utf8 } from '@chat/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyEntry,
  composeInvite,
  composeLeave,
  composeMessage,
  composeRemove,
  composeRole,
  restoredRoom,
  viewBreach,
} from '../../src/index.ts';
import { authority, crypto, fieldsOf, type Log, Person, signAnything, three } from '../support/people.ts';

/** Returns the entry with another author view, signed by the same user. */
function seenFrom(log: Log, author: Person, entry: SignedEntry, head: { seq: number; hash: string }): SignedEntry {
  return signAnything(author.signer, entry.type, log.roomId, { ...fieldsOf(entry.payload), head });
}

/** Returns a room of three members without their earlier events. */
function quiet() {
  const room = three();
  forgetEvents(room.log);
  return room;
}

function forgetEvents({ people }: Log): void {
  for (const { events } of people) events.length = 0;
}

/** Appends entries without an effect. */
function lengthen(log: Log, entries: number): void {
  for (let index = 0; index < entries; index++) {
    log.append({ type: 'join', payload: utf8(`${index}`), by: authority.fingerprint, signature: new Uint8Array(3) });
  }
  forgetEvents(log);
}

const invitee = new Person('invitee');
const inviteBy = ({ author, state }: Person) =>
  composeInvite(author, state, {
    user: 'invitee',
    key: Buffer.from(invitee.signer.publicKey).toString('base64url'),
    verified: false,
  });

const composers: Record<string, (alice: Person, log: Log) => SignedEntry> = {
  invite: inviteBy,
  role: ({ author, state }) => composeRole(author, state, { user: 'bob', role: 'moderator' }),
  epoch: (alice, log) => {
    log.append(inviteBy(alice));
    forgetEvents(log);
    return log.propose(alice).entry;
  },
  leave: ({ author, state }) => composeLeave(author, state),
  remove: ({ author, state }) => composeRemove(author, state, 'mallory'),
  message: ({ author, state }) => composeMessage(author, state, 'hello'),
};

/** Number of positions by which the view of an entry of this type may precede it. */
const oldestOf = (type: string) => (type === 'message' ? limits.messageViewEntries : limits.viewEntries);

describe('an author view', () => {
  const breaches = [
    ['another hash', 'fork', (log: Log) => ({ seq: log.entries.length, hash: 'e'.repeat(64) })],
    ['a later position', 'fork', (log: Log) => ({ seq: log.entries.length + 1, hash: 'e'.repeat(64) })],
    ['a position too old to be compared', 'stale-view', (_: Log) => ({ seq: 1, hash: 'e'.repeat(64) })],
  ] as const;

  for (const [what, code, headOf] of breaches) {
    for (const type of ['invite', 'role', 'epoch']) {
      test(`with ${what} makes ${type} entries invalid`, () => {
        const { alice, bob, log } = quiet();
        if (code === 'stale-view') lengthen(log, limits.viewEntries + 10);
        const entry = composers[type]?.(alice, log);
        if (entry === undefined) throw new Error('no such type');
        const before = bob.state;
        log.append(seenFrom(log, alice, entry, headOf(log)));
        expect(bob.events).toMatchObject([{ kind: 'violation', code, user: 'alice' }]);
        expect({ ...bob.state, head: null, recentHashes: null }).toEqual({ ...before, head: null, recentHashes: null });
      });
    }
    for (const type of ['remove', 'message']) {
      test(`with ${what} is reported, and ${type} entries take effect`, () => {
        const { alice, bob, log } = quiet();
        // Beyond that many entries the key is worn out, and nothing is composed.
        const entry = composers[type]?.(alice, log);
        if (code === 'stale-view') lengthen(log, oldestOf(type) + 10);
        if (entry === undefined) throw new Error('no such type');
        // The author of a removal must have seen the roles by which it is judged.
        const head = type === 'remove' && code === 'stale-view' ? { ...headOf(log), seq: 6 } : headOf(log);
        log.append(seenFrom(log, alice, entry, head));
        expect(bob.events).toMatchObject([
          { kind: 'violation', code, user: 'alice' },
          { kind: type === 'remove' ? 'removed' : 'message' },
        ]);
      });
    }
  }

  test('of a leave may be of any age', () => {
    const { alice, bob, log } = quiet();
    const leave = composeLeave(alice.author, alice.state);
    lengthen(log, limits.viewEntries + 1);
    log.append(leave);
    expect(bob.events).toMatchObject([{ code: 'stale-view', user: 'alice' }, { kind: 'left' }, { kind: 'role' }]);
  });

  test('is valid up to the oldest position that other members can compare, and no further', () => {
    const { alice, bob, log } = quiet();
    const entries = [
      composeMessage(alice.author, alice.state, 'slow'),
      composeRemove(alice.author, alice.state, 'mallory'),
    ];
    const codesOf = (entry: SignedEntry | undefined) => {
      if (entry === undefined) throw new Error('no entry');
      const { events } = applyEntry(bob.state, { seq: bob.state.head.seq + 1, at: 0, entry }, crypto);
      return events.map((event) => ('code' in event ? event.code : event.kind));
    };
    lengthen(log, limits.viewEntries - 1);
    expect(entries.map(codesOf)).toEqual([['message'], ['removed']]);
    lengthen(log, 1);
    expect(entries.map(codesOf)).toEqual([['message'], ['stale-view', 'removed']]);
    lengthen(log, limits.messageViewEntries - limits.viewEntries - 1);
    expect(codesOf(entries[0])).toEqual(['message']);
    lengthen(log, 1);
    expect(codesOf(entries[0])).toEqual(['stale-view', 'message']);
  });

  test('that is older than the stored hashes is compared until a restart; after it, a message is accepted without an alarm', () => {
    const { alice, bob, log } = quiet();
    const message = composeMessage(alice.author, alice.state, 'slow');
    const elsewhere = seenFrom(log, alice, message, { seq: 1, hash: 'e'.repeat(64) });
    const role = composeRole(alice.author, alice.state, { user: 'bob', role: 'moderator' });
    const view = alice.state.head.seq;
    const codesOf = (entry: SignedEntry) => {
      const { events } = applyEntry(bob.state, { seq: bob.state.head.seq + 1, at: 0, entry }, crypto);
      return events.map((event) => ('code' in event ? event.code : event.kind));
    };
    const restarted = () => restoredRoom(JSON.parse(JSON.stringify(bob.state)));
    lengthen(log, limits.viewEntries - 1);
    const before = bob.state;
    bob.state = restarted();
    // What a decision may name is stored.
    expect(bob.state.head.seq + 1 - view).toBe(limits.viewEntries);
    expect([codesOf(message), codesOf(role)]).toEqual([['message'], ['role']]);
    bob.state = before;
    lengthen(log, 1);
    expect([codesOf(message), codesOf(elsewhere)]).toEqual([['message'], ['fork', 'message']]);
    bob.state = restarted();
    expect([codesOf(message), codesOf(elsewhere)]).toEqual([['message'], ['message']]);
    expect(codesOf(role)).toEqual(['stale-view']);
    lengthen(log, limits.messageViewEntries - limits.viewEntries);
    expect(codesOf(message)).toEqual(['stale-view', 'message']);
  });

  test('of a message is checked even by members that cannot read the message', () => {
    const { alice, bob, log } = quiet();
    const entry = composeMessage(alice.author, alice.state, 'hidden');
    bob.state = { ...bob.state, secrets: {} };
    log.append(seenFrom(log, alice, entry, { seq: log.entries.length, hash: 'e'.repeat(64) }));
    expect(bob.events.slice(-2)).toMatchObject([{ code: 'fork', user: 'alice' }, { kind: 'unreadable' }]);
  });
});

test('a view is valid exactly when it is one of the latest positions of the log', () => {
  const { alice, log } = quiet();
  const { head, recentHashes } = alice.state;
  const hashes = Array.from({ length: head.seq }, (_, index) => recentHashes.before(head.seq - 1 - index) ?? '');
  log.say(alice, 'now');
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: hashes.length + 5 }),
      fc.oneof(fc.constantFrom(...hashes, alice.state.head.hash), fc.constant('0'.repeat(64))),
      (seq, hash) => {
        expect(viewBreach(alice.state, 'message', { seq, hash })).toBe(hashes[seq - 1] === hash ? null : 'fork');
      },
    ),
  );
});
