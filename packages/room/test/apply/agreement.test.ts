import { type Policy, toBase64url } from '@chat/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  applyEntry,
  composeInvite,
  composeJoin,
  composeRemove,
  composeRole,
  emptyRoom,
  hubOrder,
  isMember,
  RoomError,
  type RoomState,
  rekeyReason,
} from '../../src/index.ts';
import { authority, crypto, Log, Person } from '../support/people.ts';

type Act = (log: Log, author: Person, target: Person) => void;

/** Actions of honest users. The client refuses actions that the room's rules do not allow. */
const acts: Record<string, Act> = {
  join: (log, author) => {
    const invited = author.state.invited.get(author.signer.fingerprint)?.seq;
    log.append(composeJoin(author.author, log.roomId, log.entries.length));
    if (invited === undefined && isMember(author.state, author.signer.fingerprint)) come(log, author);
  },
  leave: (log, author) => log.leave(author),
  say: (log, author) => log.say(author, 'hello'),
  invite: (log, { author, state }, { user, signer }) => {
    const key = toBase64url(signer.publicKey);
    log.append(composeInvite(author, state, { user, key, verified: true }));
  },
  remove: (log, { author, state }, { user }) => log.append(composeRemove(author, state, user)),
  promote: (log, { author, state }, { user }) => log.append(composeRole(author, state, { user, role: 'moderator' })),
  handOver: (log, { author, state }, { user }) => log.append(composeRole(author, state, { user, role: 'owner' })),
  readmit: (log, { author, state }, { user }) => log.append(composeRole(author, state, { user, role: 'member' })),
  revoke: (log, _, target) => log.revoke(target),
};

/** Lets a user who has just joined read like a client: with the position before the join as `since`. */
function come(log: Log, person: Person): void {
  const { length } = log.entries;
  log.people.splice(log.people.indexOf(person), 1);
  log.enter(person, length - 1);
  log.deliver(person);
}

/** Lets the first member in the order of hubs make the epoch that is due. */
function rekey(log: Log, people: readonly Person[]): void {
  const [witness] = people.filter(({ state }) => isMember(state, state.me));
  const [hub] =
    witness === undefined
      ? []
      : hubOrder(
          witness.state,
          people.map(({ user }) => user),
        );
  const person = people.find(({ user }) => user === hub?.user);
  if (person !== undefined && rekeyReason(person.state, person.now) !== null) log.rekey(person);
}

/** Returns the part of the state on which all readers of a log must agree. */
const common = ({ head, members, invited, removed, revoked, left, epoch, membershipSeq, removalSeq }: RoomState) => ({
  head,
  members,
  invited,
  removed,
  revoked,
  left,
  epoch,
  membershipSeq,
  removalSeq,
});

const policies: Policy[] = (['open', 'invite', 'verified', 'direct'] as const).flatMap((join) =>
  (['since-join', 'all'] as const).map((history) => ({ join, history })),
);

test('all readers of a log have the same room state after any sequence of entries, and so has a new reader', () => {
  const act = fc.tuple(fc.constantFrom(...Object.keys(acts)), fc.nat(3), fc.nat(3));
  fc.assert(
    fc.property(fc.constantFrom(...policies), fc.array(act, { minLength: 8, maxLength: 20 }), (policy, done) => {
      const people = ['alice', 'bob', 'carol', 'dave'].map((name) => new Person(name));
      const [alice, ...others] = people;
      if (alice === undefined) throw new Error('there are no members');
      const log = new Log(alice, 'lobby', policy);
      for (const person of others) {
        log.enter(person);
        log.deliver(person);
      }
      for (const [name, by, about] of done) {
        const [author, target] = [people[by] ?? alice, people[about] ?? alice];
        try {
          acts[name]?.(log, author, target);
        } catch (error) {
          if (!(error instanceof RoomError)) throw error;
        }
        rekey(log, people);
      }
      const witness = log.entries.reduce(
        (state, logged) => applyEntry(state, logged, crypto).state,
        emptyRoom(log.roomId, authority.fingerprint, { authorities: [toBase64url(authority.publicKey)] }),
      );
      for (const { state } of people) expect(common(state)).toEqual(common(witness));
      // The remaining members have the key that the room needs.
      const { epoch, removalSeq } = witness;
      const pending = epoch !== null && removalSeq > epoch.answers;
      expect(pending && Object.keys(witness.members.toJSON()).length > 0).toBe(false);
    }),
    { numRuns: 15 },
  );
});
