/** The texts for the events of the client. */
import type { ClientEvent } from '@chat/client';
import { describe, expect, test } from 'vitest';
import type { RoomEvent } from '../../src/client-event.ts';
import { present } from '../../src/screen/present.ts';
import { type Notes, noNotes, type Scene } from '../../src/screen/scene.ts';
import {
  fingerprint,
  inRoom,
  knockEvent,
  messageEvent,
  scene as plainScene,
  renewalEvents,
  unread,
} from '../support/samples.ts';

const scene: Scene = {
  ...plainScene,
  lookAlike: (user) => (user === 'al1ce' ? 'alice' : user === 'b0b' ? 'bob' : null),
};

/** A scene with users who have left since the latest key. */
const gone = (departed: Partial<Notes['departed']>): Scene => ({
  ...scene,
  departed: { ...noNotes.departed, ...departed },
});

const changed = {
  kind: 'identity-changed',
  roomId: 'r1',
  roomName: 'lobby',
  user: 'bob',
  known: fingerprint,
  seen: 'cd'.repeat(32),
  verified: false,
} as const;
const said = (text: string, user = 'bob') => messageEvent(3, user, text);

describe('the text', () => {
  test.each([
    [{ status: 'announced', from: 0 }, /renews the certificate authority.* there is nothing to do/],
    [{ status: 'renewed' }, /is trusted from now on/],
    [{ status: 'withdrawn' }, /!! .*has withdrawn.*ask the operator/],
    [{ status: 'disputed' }, /!! .*two successors.*new invitation line/],
    [{ status: 'forged' }, /!! .*has not signed.*not trusted/],
  ] as const)('of a change of the authority says what it means: %o', (news, text) => {
    expect(present({ kind: 'authority', ...news }, scene)).toMatch(text);
  });

  test('warns of a user whose name looks like the name of a known one', () => {
    const joined = { kind: 'joined', seq: 1, at: 0, user: 'b0b', fingerprint } as const;
    expect(present(inRoom(joined), scene)).toMatch(/b0b joined .*\n!! b0b is not bob: the names look alike/);
    expect(present(knockEvent('al1ce'), scene)).toMatch(/!! al1ce is not your own name: the names look alike/);
    const invited = {
      kind: 'invited',
      roomId: 'r1',
      roomName: 'attic',
      by: 'b0b',
      policy: { join: 'direct', history: 'since-join' },
    } as const;
    expect(present(invited, scene)).toMatch(/!! b0b is not bob/);
    expect(present(inRoom({ ...joined, user: 'bob' }), scene)).not.toContain('!!');
  });

  test('of a knock offers to verify the key, or says that the user has done it', () => {
    const knock = knockEvent('bob');
    expect(present(knock, scene)).toMatch(
      /\/admit bob; if not, \/dismiss bob\. To verify them before, type \/verify bob\.$/,
    );
    const verified = present({ ...knock, verified: true }, scene);
    expect(verified).toMatch(/The fingerprint of their identity key, which you have verified, is\n/);
    expect(verified).toMatch(/\/dismiss bob\.$/);
  });

  test('of a message has time, author and text', () => {
    expect(present(inRoom(said('hello')), scene)).toBe('#3 14:03 bob: hello');
  });

  test('of a message cannot imitate lines of other users', () => {
    const lines = present(inRoom(said('one\n14:04 carol: two\r\u001b[2K14:05 dave: three')), scene)?.split('\n') ?? [];
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^ {6}\u2502 14:04 carol/);
  });

  test('of an event of another room begins with the title of the room', () => {
    expect(present(inRoom(said('hello'), { roomName: 'attic' }), scene)).toBe('[attic] #3 14:03 bob: hello');
  });

  test('contains nothing that a terminal obeys from names and sentences of others', () => {
    const bad = '\u001b]52;c;eA==\u0007evil\u202e\r';
    const events: ClientEvent[] = [
      inRoom(said(bad, bad), { roomName: bad }),
      inRoom({ kind: 'joined', seq: 1, at: 0, user: bad, fingerprint }),
      inRoom({ kind: 'left', seq: 1, at: 0, user: bad, fingerprint }),
      inRoom({ kind: 'removed', seq: 1, at: 0, by: bad, user: bad, fingerprint }),
      inRoom({ kind: 'removed', seq: 1, at: 0, by: bad, user: 'alice', fingerprint }, { roomName: bad }),
      inRoom({ kind: 'withdrawn', seq: 1, at: 0, by: bad, user: bad, fingerprint }),
      inRoom({ kind: 'declined', seq: 1, at: 0, user: bad, fingerprint }),
      inRoom({ kind: 'invited', seq: 1, at: 0, by: bad, user: bad, fingerprint, verified: true }),
      inRoom({ kind: 'revoked', seq: 1, at: 0, user: bad, fingerprint }),
      inRoom({ kind: 'revoked', seq: 1, at: 0, user: 'alice', fingerprint }, { roomName: bad }),
      inRoom({ kind: 'readmitted', seq: 1, at: 0, by: bad, user: bad, fingerprint }),
      inRoom({ kind: 'role', seq: 1, at: 0, by: bad, user: bad, fingerprint, role: 'owner' }),
      inRoom({ kind: 'unreadable', seq: 1, user: bad, epoch: 1, ...unread }),
      inRoom({ kind: 'violation', code: 'fork', seq: 1, user: bad }),
      inRoom({ kind: 'epoch', seq: 1, number: 2, by: bad, reason: 'removal', key: 'held' }),
      { kind: 'connection', status: 'offline', code: 'unreachable', reason: bad, retryInMs: 1 },
      ...[bad, 'access-revoked'].map((code) => ({ kind: 'refused', code, reason: bad }) as const),
      { ...changed, roomName: bad, user: bad },
      ...renewalEvents(bad),
      { kind: 'hub', roomId: 'r1', roomName: bad, user: bad, before: bad },
      { kind: 'left', roomId: 'r1', roomName: bad },
      knockEvent(bad, bad),
      { kind: 'key-wanted', roomId: 'r1', roomName: bad, epoch: 1, since: 0, asked: [bad] },
      { kind: 'invited', roomId: 'r1', roomName: bad, by: bad, policy: { join: 'invite', history: 'all' } },
      { kind: 'invited', roomId: 'r1', roomName: bad, by: bad, policy: { join: 'direct', history: 'since-join' } },
      { kind: 'undelivered', roomId: 'r1', roomName: bad, text: bad, code: bad, reason: bad },
      { kind: 'trouble', code: bad, reason: bad },
    ];
    for (const event of events) {
      const wanted = { epoch: 1, since: 0, asked: [bad] };
      const one = [bad];
      const departed = { left: one, removed: one, revoked: one, withdrawn: one, declined: one, 'key-renewed': one };
      const shown = present(event, { ...scene, departed, wanted });
      expect(shown).not.toBeNull();
      expect(shown).not.toMatch(/[^\P{Cc}\n]|\u202e|eA==/u);
    }
  });

  test('of a new key names the users who left, and there is none when a user joined', () => {
    const epoch = { kind: 'epoch', seq: 1, number: 3, by: 'alice', key: 'held' } as const;
    const shown = present(inRoom({ ...epoch, reason: 'removal' }), gone({ left: ['bob', 'carol', 'dave'] }));
    expect(shown).toContain('epoch 3');
    expect(shown).toContain('bob, carol and dave left');
    expect(present(inRoom({ ...epoch, reason: 'join' }), scene)).toBeNull();
  });

  test('of removals and roles names both users, and tells the local user what follows', () => {
    const by = { seq: 1, at: 0, by: 'bob', fingerprint } as const;
    const shown = (event: RoomEvent) => present(inRoom(event), scene);
    expect(shown({ kind: 'removed', ...by, user: 'mallory' })).toBe('14:03 * bob removed mallory from this room');
    expect(shown({ kind: 'removed', ...by, user: 'alice' })).toMatch(/^!! bob removed you from lobby.*\/leave lobby/);
    expect(shown({ kind: 'removed', ...by, by: 'alice', user: 'mallory' })).toContain('you removed mallory');
    expect(shown({ kind: 'readmitted', ...by, user: 'mallory' })).toContain(
      'bob allowed mallory to join this room again',
    );
    const role = { kind: 'role', ...by, user: 'alice' } as const;
    expect(shown({ ...role, role: 'moderator' })).toContain('bob made you a moderator');
    expect(shown({ ...role, role: 'member' })).toContain('bob ended the role of moderator of you');
    expect(shown({ ...role, role: 'owner' })).toContain('bob handed this room over: you are the owner');
    expect(shown({ ...role, by: null, user: 'mallory', role: 'owner' })).toContain(
      'the owner has left: mallory is the owner',
    );
  });

  test('of invitations names both users, the key, and whether it is verified', () => {
    const by = { seq: 1, at: 0, by: 'bob', user: 'mallory', fingerprint } as const;
    const shown = (event: RoomEvent) => present(inRoom(event), scene);
    expect(shown({ kind: 'invited', ...by, verified: false })).toBe(
      '14:03 * bob invited mallory (key ABAB ABAB ABAB ABAB; bob has not verified them)',
    );
    expect(shown({ kind: 'invited', ...by, by: 'alice', verified: true })).toContain('you have verified');
    expect(shown({ kind: 'withdrawn', ...by })).toContain('bob withdrew the invitation of mallory');
  });

  test('of a revocation names the user, and tells the local user what follows', () => {
    const revoked = { kind: 'revoked', seq: 1, at: 0, fingerprint } as const;
    expect(present(inRoom({ ...revoked, user: 'mallory' }), scene)).toMatch(
      /operator .* revoked the access of mallory/,
    );
    expect(present(inRoom({ ...revoked, user: 'alice' }), scene)).toMatch(
      /^!! .*operator.*revoked your access to lobby/,
    );
    const refused = present({ kind: 'refused', code: 'access-revoked', reason: 'x' }, scene);
    expect(refused).toMatch(/^!! The operator of the server has revoked your access/);
  });

  test('of a new hub is shown only when the one before is gone', () => {
    const hub = { kind: 'hub', roomId: 'r1', roomName: 'lobby', user: 'carol', before: 'bob' } as const;
    expect(present(hub, scene)).toBeNull();
    expect(present(hub, gone({ left: ['bob'] }))).toMatch(
      /carol makes the keys of this room now, because bob is gone$/,
    );
    expect(present({ ...hub, user: 'alice' }, gone({ revoked: ['bob'] }))).toContain('you make the keys');
    expect(present({ ...hub, before: 'alice' }, gone({ left: ['alice'] }))).toBeNull();
  });

  test('of a missing key names the member who is asked; of an unreadable message, since when it is missing', () => {
    const wanted = { epoch: 4, since: 0, asked: ['bob', 'carol'] } as const;
    const asked = present({ kind: 'key-wanted', roomId: 'r1', roomName: 'attic', ...wanted }, scene);
    expect(asked).toBe('[attic] 14:03 * the room key of epoch 4 has not arrived: asking carol for it');
    const unreadable = (epoch: number) =>
      present(inRoom({ kind: 'unreadable', seq: 1, user: 'dave', epoch, ...unread }), { ...scene, wanted });
    expect(unreadable(4)).toMatch(
      /dave cannot be read: .*epoch 4 is missing since 14:03; bob and carol were asked for it$/,
    );
    expect(unreadable(3)).toMatch(/epoch 3 has not arrived$/);
  });

  test('of a new key after a removal says so', () => {
    const epoch = { kind: 'epoch', seq: 1, number: 3, by: 'alice', key: 'held', reason: 'removal' } as const;
    const shown = (departed: Partial<Notes['departed']>) => present(inRoom(epoch), gone(departed));
    expect(shown({ removed: ['mallory'] })).toMatch(/because mallory was removed$/);
    expect(shown({ left: ['bob'], removed: ['eve', 'mo'] })).toMatch(/because bob left and eve and mo were removed$/);
    expect(shown({ revoked: ['mallory'], withdrawn: ['dave'] })).toMatch(
      /because the access of mallory was revoked and the invitation of dave was withdrawn$/,
    );
    expect(shown({ 'key-renewed': ['bob'] })).toMatch(/because bob renewed the identity key$/);
    expect(shown({})).toMatch(/because a member left$/);
  });

  test('of a new key without a change of members has a reason, each in its own words', () => {
    const epoch = { kind: 'epoch', seq: 1, number: 3, by: 'carol', key: 'held' } as const;
    const reasons = ['count', 'age', 'lost-key'] as const;
    const shown = reasons.map((reason) => present(inRoom({ ...epoch, reason }), scene));
    expect(new Set(shown).size).toBe(reasons.length);
    for (const line of shown) expect(line).toMatch(/new key \(epoch 3\) because .{20,}/);
    expect(shown[2]).toContain('carol');
    for (const reason of reasons) expect(present(inRoom({ ...epoch, reason }, { live: false }), scene)).toBeNull();
  });

  test('of the backlog has messages, alarms and changes of members, but not the own joining', () => {
    const past = { live: false };
    const joined = { kind: 'joined', seq: 1, at: 0, fingerprint } as const;
    expect(present(inRoom({ ...joined, user: 'bob' }, past), scene)).toContain('bob joined');
    expect(present(inRoom({ ...joined, user: scene.me }, past), scene)).toBeNull();
    expect(present(inRoom(said('hello'), past), scene)).not.toBeNull();
    expect(present(inRoom({ kind: 'violation', code: 'withheld', seq: 1, user: null }, past), scene)).not.toBeNull();
  });

  test('of a room that the server does not send to its end names the room and what to do, and says when it is over', () => {
    const attic = { roomId: 'r1', roomName: 'attic' };
    const stalled = present({ kind: 'stalled', ...attic, forMs: 60_000 }, scene) ?? '';
    expect(stalled).toMatch(/^!! .*the end of attic for .*minute.*ask the operator/s);
    expect(present({ kind: 'stall-over', ...attic }, scene)).toContain('the rest of attic');
    expect(present({ kind: 'trouble-over', code: 'rooms-unread' }, scene)).toContain('read to the end again');
  });

  test('of a prekey that this profile did not make names both causes, and what to do in each case', () => {
    const foreign = present({ kind: 'foreign-prekey', madeAt: 0, ahead: false }, scene) ?? '';
    expect(foreign).toMatch(/^!! .*from a copy.*use one copy only.*another person has your identity key.*revoke/s);
    expect(foreign).not.toContain('a day ahead');
    expect(present({ kind: 'foreign-prekey', madeAt: 0, ahead: true }, scene)).toContain('a day ahead');
  });

  test('of members without a key names some of them, what they cannot do, and until when', () => {
    const leftOut = (...users: string[]) =>
      present({ kind: 'left-out', roomId: 'r1', roomName: 'attic', users }, scene);
    expect(leftOut('bob')).toMatch(/bob has no key for attic.*cannot read.*until they have connected/);
    expect(leftOut('bob', 'carol')).toContain('bob and carol have no key');
    expect(leftOut('bob', 'carol', 'dave', 'eli', 'fay')).toContain('and 2 others have no key');
  });

  test('of a silent member names the member, the time and the command that compares the logs', () => {
    const bob = { roomId: 'r1', roomName: 'lobby', user: 'bob', fingerprint, forMs: 12 * 60_000 };
    const silent = present({ kind: 'unheard', ...bob }, scene) ?? '';
    expect(silent).toMatch(/^!! bob has not been heard for 12 minutes.* \/verify/);
    expect(present({ kind: 'unheard', ...bob, roomName: 'attic' }, scene)).toBe(`[attic] ${silent}`);
    expect(present({ kind: 'heard-again', ...bob }, scene)).toContain('bob is heard again, after 12 minutes');
    expect(present({ kind: 'heard-again', ...bob, forMs: 5 * 60 * 60_000 }, scene)).toContain('5 hours');
  });

  test('of a member who has read more than the server sends names both positions', () => {
    const event = {
      kind: 'behind',
      roomId: 'r1',
      roomName: 'lobby',
      user: 'bob',
      fingerprint,
      seq: 9,
      readSeq: 7,
    } as const;
    expect(present(event, scene)).toMatch(/^!! bob .*position 9,.*position 7 .*\/verify/);
  });

  test('of presence does not exist', () => {
    expect(present({ kind: 'presence', roomId: 'r1', roomName: 'lobby', user: 'bob', online: true }, scene)).toBeNull();
  });

  test('of a changed identity has both fingerprints and the remedy', () => {
    const shown = present(changed, scene) ?? '';
    for (const part of ['ABAB ABAB', 'CDCD CDCD', '/trust bob']) expect(shown).toContain(part);
    expect(shown).not.toContain('verified');
    expect(present({ ...changed, verified: true }, scene)).toContain('which you have verified');
  });

  test('of a message that could not be sent has all of the message', () => {
    const event = {
      kind: 'undelivered',
      roomId: 'r1',
      roomName: 'lobby',
      text: 'one\ntwo',
      code: 'x',
      reason: 'full.',
    } as const;
    expect(present(event, scene)).toMatch(/^Your text:\n\s+one\n\s+two\n!! Your text was not sent to lobby: full\.$/);
  });
});
