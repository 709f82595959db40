import { toBase64url } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import {
  applyEntry,
  composeInvite,
  composeJoin,
  composeLeave,
  composeMessage,
  emptyRoom,
  invitedOf,
  isRemovalPending,
  membersOf,
  wasRemoved,
} from '../../src/index.ts';
import { authority, crypto, Person, signAnything, three } from '../support/people.ts';

const names = ({ state }: Person) => membersOf(state).map(({ user }) => user);

describe('whose access the server’s operator takes away', () => {
  test('is out of the room, which has a fresh key, and reads nothing further', () => {
    const { alice, bob, mallory, log } = three();
    log.revoke(mallory);
    expect(bob.events.at(-1)).toMatchObject({ kind: 'revoked', user: 'mallory' });
    expect([names(bob), isRemovalPending(bob.state)]).toEqual([['alice', 'bob'], true]);
    expect(() => composeMessage(bob.author, bob.state, 'early')).toThrow(
      expect.objectContaining({ code: 'rekey-pending' }),
    );
    const { wraps } = log.propose(alice);
    expect(wraps).toHaveLength(2);
    log.rekey(alice);
    log.say(alice, 'without mallory');
    expect([bob.texts, mallory.texts]).toEqual([['without mallory'], []]);
    expect([wasRemoved(mallory.state), wasRemoved(bob.state)]).toEqual([true, false]);
  });

  test('never joins again with that key, under whatever name, nor is invited', () => {
    const { alice, bob, mallory, log } = three();
    log.revoke(mallory);
    for (const user of ['mallory', 'other']) {
      log.append(composeJoin({ ...mallory.author, user }, log.room, log.entries.length));
    }
    const key = toBase64url(mallory.signer.publicKey);
    const invitee = { user: 'mallory', key, verified: true };
    expect(() => composeInvite(alice.author, alice.state, invitee)).toThrow(
      expect.objectContaining({ code: 'not-allowed' }),
    );
    log.append(composeInvite(alice.author, { ...alice.state, revoked: {} }, invitee));
    expect(bob.violations).toEqual(['revoked', 'revoked', 'revoked']);
    expect([names(bob), invitedOf(bob.state)]).toEqual([['alice', 'bob'], []]);
  });

  test('is invited no more, and nobody has the key that they were given', () => {
    const { alice, bob, log } = three();
    const carol = new Person('carol');
    log.invite(alice, carol);
    log.revoke(carol);
    expect([invitedOf(bob.state), isRemovalPending(bob.state)]).toEqual([[], true]);
    expect(log.propose(alice).wraps.map(({ to }) => to)).not.toContain(carol.signer.fingerprint);
  });

  test('passes the room on when they were its owner', () => {
    const { alice, bob, log } = three();
    log.revoke(alice);
    expect(bob.events.slice(-2)).toMatchObject([{ kind: 'revoked' }, { kind: 'role', user: 'bob', role: 'owner' }]);
    log.rekey(bob);
    expect(bob.violations).toEqual([]);
  });

  test('who is in no room of ours is noted, and the key stays', () => {
    const { bob, log } = three();
    const { epoch, membershipSeq, removalSeq } = bob.state;
    const carol = new Person('carol');
    log.revoke(carol);
    expect(bob.state).toMatchObject({ epoch, membershipSeq, removalSeq });
    log.append(composeJoin(carol.author, log.room, log.entries.length));
    expect(bob.violations).toEqual(['revoked']);
  });

  test('goes by their key, whatever name the entry has, and once', () => {
    const { bob, mallory, log } = three();
    const payload = JSON.parse(log.revoke(mallory).entry.payload);
    log.append(signAnything(authority, 'revoke', log.room, { ...payload, at: 1 }));
    expect(bob.violations).toEqual(['replayed']);
    log.append(
      signAnything(authority, 'revoke', log.room, { ...payload, user: 'x', fingerprint: bob.signer.fingerprint }),
    );
    expect(bob.events.at(-1)).toMatchObject({ kind: 'revoked', user: 'bob' });
  });

  test('finds it in a log that was stored, and read from the start', () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeLeave(mallory.author, mallory.state));
    log.revoke(mallory);
    const carol = new Person('carol');
    log.join(carol, alice);
    expect(JSON.parse(JSON.stringify(carol.state.revoked))).toEqual(bob.state.revoked);
  });
});

describe('a revocation is the authority’s', () => {
  test('not a member’s, the owner’s included, nor the server’s without the key', () => {
    const { alice, bob, mallory, log } = three();
    const payload = (person: Person) => ({
      v: 1,
      type: 'revoke',
      room: log.room,
      at: 0,
      user: person.user,
      fingerprint: person.signer.fingerprint,
    });
    log.append(signAnything(alice.signer, 'revoke', log.room, payload(mallory)));
    log.append({ ...signAnything(alice.signer, 'revoke', log.room, payload(mallory)), by: authority.fingerprint });
    log.append({ ...signAnything(authority, 'revoke', log.room, payload(mallory)), by: alice.signer.fingerprint });
    expect(bob.violations).toEqual(['bad-signature', 'bad-signature', 'bad-signature']);
    expect(names(bob)).toHaveLength(3);
  });

  test('of this room, and of no other type', () => {
    const { bob, mallory, log } = three();
    const payload = { v: 1, type: 'revoke', at: 0, user: 'mallory', fingerprint: mallory.signer.fingerprint };
    const other = 'a'.repeat(64);
    log.append(signAnything(authority, 'revoke', other, { ...payload, room: log.room }));
    log.append(signAnything(authority, 'revoke', log.room, { ...payload, room: other }));
    log.append(signAnything(authority, 'revoke', log.room, { ...payload, room: log.room }, 'remove'));
    expect(bob.violations).toEqual(['bad-signature', 'bad-signature', 'bad-signature']);
  });

  test('and where none is known, none counts', () => {
    const { bob, mallory, log } = three();
    log.revoke(mallory);
    let state = emptyRoom(log.room, bob.signer.fingerprint);
    const events = log.entries.flatMap((logged) => {
      const applied = applyEntry(state, logged, crypto);
      state = applied.state;
      return applied.events;
    });
    expect(events.at(-1)).toMatchObject({ code: 'bad-signature' });
    expect(membersOf(state)).toHaveLength(3);
  });
});
