import { toBase64url } from '@chat/protocol';
import { isFullRun } from '@chat/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  applyBacklog,
  applyEntry,
  composeInvite,
  composeJoin,
  composeLeave,
  composeRemove,
  composeRole,
  type LogItem,
  membersOf,
  RoomError,
  type RoomState,
} from '../../src/index.ts';
import { crypto, type Log, Person, three } from '../support/people.ts';

/** Applies the items one by one: each entry copies what it changes. */
const oneByOne = (start: RoomState, items: readonly LogItem[]) => {
  const events = [];
  let state = start;
  for (const item of items) {
    const applied = applyEntry(state, item, crypto);
    events.push(...applied.events);
    state = applied.state;
  }
  return { state, events };
};

const joinOf = (log: Log, { author }: Person) => composeJoin(author, log.roomId, log.entries.length);

/** Composes an entry of a user who does not read, by the state of one who does. */
const seenBy = ({ state }: Person, { signer }: Person): RoomState => ({ ...state, me: signer.fingerprint });

type Act = (log: Log, owner: Person, person: Person) => void;
const acts: Record<string, Act> = {
  join: (log, _, person) => log.append(joinOf(log, person)),
  leave: (log, owner, person) => log.append(composeLeave(person.author, seenBy(owner, person))),
  invite: (log, owner, { user, signer }) => {
    const key = toBase64url(signer.publicKey);
    log.append(composeInvite(owner.author, owner.state, { user, key, verified: true }));
  },
  remove: (log, owner, { user }) => log.append(composeRemove(owner.author, owner.state, user)),
  promote: (log, owner, { user }) => log.append(composeRole(owner.author, owner.state, { user, role: 'moderator' })),
  readmit: (log, owner, { user }) => log.append(composeRole(owner.author, owner.state, { user, role: 'member' })),
  say: (log, owner) => log.say(owner, 'hello'),
};

test('a backlog in which members come and go gives the result of entry-by-entry reading, and leaves the state before it as it was', () => {
  // Two users of the same name: the server lets the second one in, and every member has to keep that user out.
  const act = fc.tuple(fc.constantFrom(...Object.keys(acts), 'join', 'join'), fc.nat(4));
  fc.assert(
    fc.property(fc.array(act, { minLength: 4, maxLength: 16 }), (done) => {
      const { alice, bob, log } = three();
      log.people.splice(0, log.people.length, alice);
      const others = ['carol', 'dave', 'carol', 'erin', 'dave'].map((name) => new Person(name));
      for (const [name, who] of done) {
        try {
          acts[name]?.(log, alice, others[who] ?? bob);
        } catch (error) {
          if (!(error instanceof RoomError)) throw error;
        }
      }
      const items = log.entries.slice(bob.state.head.seq);
      membersOf(bob.state);
      const before = JSON.stringify(bob.state);
      const { state, events } = applyBacklog(bob.state, items, crypto);
      const expected = oneByOne(bob.state, items);
      expect({ state, events }).toEqual(expected);
      expect(JSON.stringify(state)).toBe(JSON.stringify(expected.state));
      expect(membersOf(state)).toEqual(state.members.values().sort((a, b) => a.joinedAt - b.joinedAt));
      expect(JSON.stringify(bob.state)).toBe(before);
    }),
    { numRuns: isFullRun ? 40 : 10 },
  );
});

test('a name that joined earlier in the same backlog is taken', () => {
  const { alice, bob, log } = three();
  log.people.splice(0, log.people.length, alice);
  const users = ['carol', 'dave', 'carol', 'erin', 'dave', 'frank'].map((name) => new Person(name));
  for (const person of users) log.append(joinOf(log, person));
  const { events } = applyBacklog(bob.state, log.entries.slice(bob.state.head.seq), crypto);
  expect(events.map((event) => ('code' in event ? `${event.user} ${event.code}` : event.kind))).toEqual([
    'joined',
    'joined',
    'carol already-a-member',
    'joined',
    'dave already-a-member',
    'joined',
  ]);
});

test('a backlog with a join under a wrong signature is read again from the state before it', () => {
  const { alice, bob, log } = three();
  log.people.splice(0, log.people.length, alice);
  const [carol, dave, erin] = ['carol', 'dave', 'erin'].map((name) => new Person(name));
  if (carol === undefined || dave === undefined || erin === undefined) throw new Error('no users');
  log.append(joinOf(log, carol));
  log.append({ ...joinOf(log, dave), signature: joinOf(log, erin).signature });
  log.append(joinOf(log, erin));
  const items = log.entries.slice(bob.state.head.seq);
  const before = JSON.stringify(bob.state);
  const { state, events } = applyBacklog(bob.state, items, crypto);
  expect({ state, events }).toEqual(oneByOne(bob.state, items));
  expect(membersOf(state).map(({ user }) => user)).toEqual(['alice', 'bob', 'mallory', 'carol', 'erin']);
  expect(JSON.stringify(bob.state)).toBe(before);
});
