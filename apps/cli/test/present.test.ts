import type { ClientEvent } from '@chat/client';
import { describe, expect, test } from 'vitest';
import { colours, noColours, paletteFor } from '../src/screen/palette.ts';
import { present } from '../src/screen/present.ts';
import type { RoomEvent, ViolationCode } from '../src/screen/room-event.ts';
import { sanitiseLine } from '../src/screen/sanitise.ts';
import { type Notes, noNotes, type Scene } from '../src/screen/scene.ts';
import { duration, timeOfDay } from '../src/screen/time.ts';
import { violationSentence } from '../src/screen/violations.ts';
import { fingerprint, messageEvent } from './samples.ts';

const scene: Scene = {
  palette: noColours,
  now: 0,
  time: () => '14:03',
  me: 'alice',
  room: 'lobby',
  title: (name) => sanitiseLine(name),
  ...noNotes,
};

/** Who went since the latest key. */
const gone = (departed: Partial<Notes['departed']>): Scene => ({
  ...scene,
  departed: { ...noNotes.departed, ...departed },
});

const inRoom = (event: RoomEvent, more: { roomName?: string; mine?: boolean; live?: boolean } = {}): ClientEvent => ({
  kind: 'room',
  roomId: 'r1',
  roomName: 'lobby',
  mine: false,
  live: true,
  event,
  ...more,
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

describe('what is shown', () => {
  test('of a message: time, author, text', () => {
    expect(present(inRoom(said('hello')), scene)).toBe('14:03 bob: hello');
  });

  test('further lines of a text cannot pass for lines of somebody else', () => {
    const lines = present(inRoom(said('one\n14:04 carol: two\r\u001b[2K14:05 dave: three')), scene)?.split('\n') ?? [];
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^\s+14:04 carol/);
  });

  test('of another room: its name before it', () => {
    expect(present(inRoom(said('hello'), { roomName: 'attic' }), scene)).toBe('[attic] 14:03 bob: hello');
  });

  test('of names and sentences of others: nothing that a terminal obeys', () => {
    const bad = '\u001b]52;c;eA==\u0007evil\u202e\r';
    const events: ClientEvent[] = [
      inRoom(said(bad, bad), { roomName: bad }),
      inRoom({ kind: 'joined', seq: 1, at: 0, user: bad, fingerprint }),
      inRoom({ kind: 'left', seq: 1, at: 0, user: bad, fingerprint }),
      inRoom({ kind: 'removed', seq: 1, at: 0, by: bad, user: bad, fingerprint }),
      inRoom({ kind: 'removed', seq: 1, at: 0, by: bad, user: 'alice', fingerprint }, { roomName: bad }),
      inRoom({ kind: 'withdrawn', seq: 1, at: 0, by: bad, user: bad, fingerprint }),
      inRoom({ kind: 'invited', seq: 1, at: 0, by: bad, user: bad, fingerprint, verified: true }),
      inRoom({ kind: 'revoked', seq: 1, at: 0, user: bad, fingerprint }),
      inRoom({ kind: 'revoked', seq: 1, at: 0, user: 'alice', fingerprint }, { roomName: bad }),
      inRoom({ kind: 'readmitted', seq: 1, at: 0, by: bad, user: bad, fingerprint }),
      inRoom({ kind: 'role', seq: 1, at: 0, by: bad, user: bad, fingerprint, role: 'owner' }),
      inRoom({ kind: 'unreadable', seq: 1, user: bad, epoch: 1 }),
      inRoom({ kind: 'violation', code: 'fork', seq: 1, user: bad }),
      inRoom({ kind: 'epoch', seq: 1, number: 2, by: bad, reason: 'removal', key: 'held' }),
      { kind: 'connection', status: 'offline', reason: bad, retryInMs: 1 },
      { kind: 'refused', code: bad, reason: bad },
      { kind: 'refused', code: 'access-revoked', reason: bad },
      { ...changed, roomName: bad, user: bad },
      { kind: 'hub', roomId: 'r1', roomName: bad, user: bad, before: bad },
      { kind: 'left', roomId: 'r1', roomName: bad },
      { kind: 'knock', roomId: 'r1', roomName: bad, user: bad, fingerprint },
      { kind: 'key-wanted', roomId: 'r1', roomName: bad, epoch: 1, since: 0, asked: [bad] },
      { kind: 'invited', roomId: 'r1', roomName: bad, by: bad, policy: { join: 'invite', history: 'all' } },
      { kind: 'invited', roomId: 'r1', roomName: bad, by: bad, policy: { join: 'direct', history: 'since-join' } },
      { kind: 'undelivered', roomId: 'r1', roomName: bad, text: bad, code: bad, reason: bad },
      { kind: 'trouble', code: bad, reason: bad },
    ];
    for (const event of events) {
      const wanted = { epoch: 1, since: 0, asked: [bad] };
      const departed = { left: [bad], removed: [bad], revoked: [bad], withdrawn: [bad] };
      const shown = present(event, { ...scene, departed, wanted });
      expect(shown).not.toBeNull();
      expect(shown).not.toMatch(/[^\P{Cc}\n]|\u202e|eA==/u);
    }
  });

  test('of a new key: why, when somebody left; nothing when somebody came', () => {
    const epoch = { kind: 'epoch', seq: 1, number: 3, by: 'alice', key: 'held' } as const;
    const shown = present(inRoom({ ...epoch, reason: 'removal' }), gone({ left: ['bob', 'carol', 'dave'] }));
    expect(shown).toContain('epoch 3');
    expect(shown).toContain('bob, carol and dave left');
    expect(present(inRoom({ ...epoch, reason: 'join' }), scene)).toBeNull();
  });

  test('of removals and roles: who did what to whom, and to the one concerned what follows from it', () => {
    const by = { seq: 1, at: 0, by: 'bob', fingerprint } as const;
    const shown = (event: RoomEvent) => present(inRoom(event), scene);
    expect(shown({ kind: 'removed', ...by, user: 'eve' })).toBe('14:03 * bob removed eve from this room');
    expect(shown({ kind: 'removed', ...by, user: 'alice' })).toMatch(/^!! bob removed you from lobby.*\/leave lobby/);
    expect(shown({ kind: 'removed', ...by, by: 'alice', user: 'eve' })).toContain('you removed eve');
    expect(shown({ kind: 'readmitted', ...by, user: 'eve' })).toContain('bob allowed eve to join this room again');
    const role = { kind: 'role', ...by, user: 'alice' } as const;
    expect(shown({ ...role, role: 'moderator' })).toContain('bob made you a moderator');
    expect(shown({ ...role, role: 'member' })).toContain('bob took the role of moderator from you');
    expect(shown({ ...role, role: 'owner' })).toContain('bob handed this room over: you are the owner');
    expect(shown({ ...role, by: null, user: 'eve', role: 'owner' })).toContain('the owner is gone: eve is the owner');
  });

  test('of invitations: who invited whom, with which key, and whether it was compared', () => {
    const by = { seq: 1, at: 0, by: 'bob', user: 'eve', fingerprint } as const;
    const shown = (event: RoomEvent) => present(inRoom(event), scene);
    expect(shown({ kind: 'invited', ...by, verified: false })).toBe(
      '14:03 * bob invited eve (key ABAB ABAB ABAB ABAB; bob has not compared safety numbers with them)',
    );
    expect(shown({ kind: 'invited', ...by, by: 'alice', verified: true })).toContain('you have compared');
    expect(shown({ kind: 'withdrawn', ...by })).toContain('bob withdrew the invitation of eve');
  });

  test('of access that was taken away: whose, and to the one concerned what follows from it', () => {
    const revoked = { kind: 'revoked', seq: 1, at: 0, fingerprint } as const;
    expect(present(inRoom({ ...revoked, user: 'eve' }), scene)).toMatch(/operator .* access of eve away/);
    expect(present(inRoom({ ...revoked, user: 'alice' }), scene)).toMatch(/^!! .*operator.*your access to lobby/);
    const refused = present({ kind: 'refused', code: 'access-revoked', reason: 'x' }, scene);
    expect(refused).toMatch(/^!! The server's operator has taken your access away/);
  });

  test('of whose turn it is to make keys: only when the one before is gone', () => {
    const hub = { kind: 'hub', roomId: 'r1', roomName: 'lobby', user: 'carol', before: 'bob' } as const;
    expect(present(hub, scene)).toBeNull();
    expect(present({ ...hub, before: null }, scene)).toBeNull();
    expect(present(hub, gone({ left: ['bob'] }))).toMatch(/carol makes the keys of this room now, as bob is gone$/);
    expect(present({ ...hub, user: 'alice' }, gone({ revoked: ['bob'] }))).toContain('you make the keys');
    expect(present({ ...hub, before: 'alice' }, gone({ left: ['alice'] }))).toBeNull();
  });

  test('of a key that does not come: who is asked, and of what it hides since when and who was', () => {
    const wanted = { epoch: 4, since: 0, asked: ['bob', 'carol'] } as const;
    const asked = present({ kind: 'key-wanted', roomId: 'r1', roomName: 'attic', ...wanted }, scene);
    expect(asked).toBe('[attic] 14:03 * the room key of epoch 4 has not come: carol is asked for it');
    const unreadable = (epoch: number) =>
      present(inRoom({ kind: 'unreadable', seq: 1, user: 'dave', epoch }), { ...scene, wanted });
    expect(unreadable(4)).toMatch(
      /dave cannot be read: .*epoch 4 is missing since 14:03; bob and carol were asked for it$/,
    );
    expect(unreadable(3)).toMatch(/epoch 3 is not here$/);
  });

  test('of a new key after a removal: that it was one', () => {
    const epoch = { kind: 'epoch', seq: 1, number: 3, by: 'alice', key: 'held', reason: 'removal' } as const;
    const shown = (departed: Partial<Notes['departed']>) => present(inRoom(epoch), gone(departed));
    expect(shown({ removed: ['eve'] })).toMatch(/because eve was removed$/);
    expect(shown({ left: ['bob'], removed: ['eve', 'mallory'] })).toMatch(
      /because bob left and eve and mallory were removed$/,
    );
    expect(shown({ revoked: ['eve'], withdrawn: ['dave'] })).toMatch(
      /because the access of eve was taken away and the invitation of dave was withdrawn$/,
    );
    expect(shown({})).toMatch(/because somebody left$/);
  });

  test('of a new key with nobody having come or gone: why, each in its own words', () => {
    const epoch = { kind: 'epoch', seq: 1, number: 3, by: 'carol', key: 'held' } as const;
    const reasons = ['count', 'age', 'lost-key'] as const;
    const shown = reasons.map((reason) => present(inRoom({ ...epoch, reason }), scene));
    expect(new Set(shown).size).toBe(reasons.length);
    for (const line of shown) expect(line).toMatch(/new key \(epoch 3\) because .{20,}/);
    expect(shown[2]).toContain('carol');
    for (const reason of reasons) expect(present(inRoom({ ...epoch, reason }, { live: false }), scene)).toBeNull();
  });

  test('while catching up: words, alarms, and who came and went meanwhile, but not that we joined', () => {
    const past = { live: false };
    const joined = { kind: 'joined', seq: 1, at: 0, fingerprint } as const;
    expect(present(inRoom({ ...joined, user: 'bob' }, past), scene)).toContain('bob joined');
    expect(present(inRoom({ ...joined, user: scene.me }, past), scene)).toBeNull();
    expect(present(inRoom(said('hello'), past), scene)).not.toBeNull();
    expect(present(inRoom({ kind: 'violation', code: 'withheld', seq: 1, user: null }, past), scene)).not.toBeNull();
  });

  test('of who is online: nothing, as it is there when asked for', () => {
    expect(present({ kind: 'presence', roomId: 'r1', roomName: 'lobby', user: 'bob', online: true }, scene)).toBeNull();
  });

  test('of a changed identity: both fingerprints and the remedy', () => {
    const shown = present(changed, scene) ?? '';
    for (const part of ['ABAB ABAB', 'CDCD CDCD', '/trust bob']) expect(shown).toContain(part);
    expect(shown).not.toContain('compared');
    expect(present({ ...changed, verified: true }, scene)).toContain('had compared safety numbers');
  });

  test('of a text that could not be sent: all of it', () => {
    const event = {
      kind: 'undelivered',
      roomId: 'r1',
      roomName: 'lobby',
      text: 'one\ntwo',
      code: 'x',
      reason: 'full.',
    } as const;
    expect(present(event, scene)).toMatch(/full\.[\s\S]*\n\s+one\n\s+two$/);
  });
});

describe('violations', () => {
  const codes: Record<ViolationCode, true> = {
    'out-of-order': true,
    truncated: true,
    withheld: true,
    malformed: true,
    'bad-signature': true,
    'not-a-member': true,
    'not-invited': true,
    revoked: true,
    'stale-view': true,
    'wrong-prekey': true,
    'wrong-create': true,
    'already-a-member': true,
    removed: true,
    'unknown-member': true,
    'not-allowed': true,
    'wrong-epoch': true,
    'wrong-key': true,
    'stale-key': true,
    damaged: true,
    replayed: true,
    'missing-messages': true,
    fork: true,
  };

  test('each says its own sentences, which begin in capitals and end in a full stop', () => {
    const sentences = (Object.keys(codes) as ViolationCode[]).map((code) => violationSentence(code, null));
    expect(new Set(sentences).size).toBe(Object.keys(codes).length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].{60,}\.$/);
    expect(violationSentence('damaged', 'bob')).toContain('bob');
  });
});

describe('colours', () => {
  test('are for terminals, and only when wanted', () => {
    expect(paletteFor({ isTTY: true }, true)).toBe(colours);
    expect(paletteFor({ isTTY: true }, false)).toBe(noColours);
    expect(paletteFor({}, true)).toBe(noColours);
  });

  test('are the same for a name at all times, and differ between names', () => {
    const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'];
    const shown = names.map((name) => colours.author(name).replace(name, ''));
    expect(names.map((name) => colours.author(name).replace(name, ''))).toEqual(shown);
    expect(new Set(shown).size).toBeGreaterThan(3);
  });
});

describe('times', () => {
  test('carry the date when it is another day', () => {
    const now = new Date(2030, 4, 6, 14, 3).getTime();
    expect(timeOfDay(now, now)).toBe('14:03');
    expect(timeOfDay(new Date(2030, 4, 5, 9, 5).getTime(), now)).toBe('2030-05-05 09:05');
  });

  test('of waiting are never zero', () => {
    expect([duration(10), duration(4_200), duration(300_000)]).toEqual(['1 s', '4 s', '5 min']);
  });
});
