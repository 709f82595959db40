import type { ClientEvent } from '@chat/client';
import { describe, expect, test } from 'vitest';
import { colours, noColours, paletteFor } from '../src/screen/palette.ts';
import { present } from '../src/screen/present.ts';
import type { RoomEvent, ViolationCode } from '../src/screen/room-event.ts';
import type { Scene } from '../src/screen/scene.ts';
import { duration, timeOfDay } from '../src/screen/time.ts';
import { violationSentence } from '../src/screen/violations.ts';

const fingerprint = 'ab'.repeat(32);
const scene: Scene = {
  palette: noColours,
  now: 0,
  time: () => '14:03',
  me: 'alice',
  room: 'lobby',
  leavers: ['bob'],
  removed: [],
};

const inRoom = (event: RoomEvent, more: { name?: string; mine?: boolean; live?: boolean } = {}): ClientEvent => ({
  kind: 'room',
  room: 'r1',
  name: 'lobby',
  mine: false,
  live: true,
  event,
  ...more,
});

const said = (text: string, user = 'bob'): RoomEvent => ({
  kind: 'message',
  seq: 3,
  at: 0,
  epoch: 1,
  user,
  fingerprint,
  hash: fingerprint,
  text,
});

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
    expect(present(inRoom(said('hello'), { name: 'attic' }), scene)).toBe('[attic] 14:03 bob: hello');
  });

  test('of names and sentences of others: nothing that a terminal obeys', () => {
    const bad = '\u001b]52;c;eA==\u0007evil\u202e\r';
    const events: ClientEvent[] = [
      inRoom(said(bad, bad), { name: bad }),
      inRoom({ kind: 'joined', seq: 1, at: 0, user: bad, fingerprint }),
      inRoom({ kind: 'left', seq: 1, at: 0, user: bad, fingerprint }),
      inRoom({ kind: 'removed', seq: 1, at: 0, by: bad, user: bad, fingerprint }),
      inRoom({ kind: 'removed', seq: 1, at: 0, by: bad, user: 'alice', fingerprint }, { name: bad }),
      inRoom({ kind: 'readmitted', seq: 1, at: 0, by: bad, user: bad, fingerprint }),
      inRoom({ kind: 'role', seq: 1, at: 0, by: bad, user: bad, fingerprint, role: 'owner' }),
      inRoom({ kind: 'unreadable', seq: 1, user: bad, epoch: 1 }),
      inRoom({ kind: 'violation', code: 'fork', seq: 1, user: bad }),
      inRoom({ kind: 'epoch', seq: 1, number: 2, by: bad, reason: 'removal', key: 'held' }),
      { kind: 'connection', status: 'offline', reason: bad, retryInMs: 1 },
      { kind: 'refused', code: bad, reason: bad },
      { kind: 'identity-changed', room: 'r1', name: bad, user: bad, known: fingerprint, seen: fingerprint },
      { kind: 'undelivered', room: 'r1', name: bad, text: bad, code: bad, reason: bad },
      { kind: 'trouble', code: bad, reason: bad },
    ];
    for (const event of events) {
      const shown = present(event, { ...scene, leavers: [bad], removed: [bad] });
      expect(shown).not.toBeNull();
      expect(shown).not.toMatch(/[^\P{Cc}\n]|\u202e|eA==/u);
    }
  });

  test('of a new key: why, when somebody left; nothing when somebody came', () => {
    const epoch = { kind: 'epoch', seq: 1, number: 3, by: 'alice', key: 'held' } as const;
    const shown = present(inRoom({ ...epoch, reason: 'removal' }), { ...scene, leavers: ['bob', 'carol', 'dave'] });
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

  test('of a new key after a removal: that it was one', () => {
    const epoch = { kind: 'epoch', seq: 1, number: 3, by: 'alice', key: 'held', reason: 'removal' } as const;
    const shown = (leavers: readonly string[], removed: readonly string[]) =>
      present(inRoom(epoch), { ...scene, leavers, removed });
    expect(shown([], ['eve'])).toMatch(/because eve was removed$/);
    expect(shown(['bob'], ['eve', 'mallory'])).toMatch(/because bob left and eve and mallory were removed$/);
    expect(shown([], [])).toMatch(/because somebody left$/);
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
    expect(present({ kind: 'presence', room: 'r1', name: 'lobby', user: 'bob', online: true }, scene)).toBeNull();
  });

  test('of a changed identity: both fingerprints and the remedy', () => {
    const seen = 'cd'.repeat(32);
    const event = {
      kind: 'identity-changed',
      room: 'r1',
      name: 'lobby',
      user: 'bob',
      known: fingerprint,
      seen,
    } as const;
    const shown = present(event, scene) ?? '';
    for (const part of ['ABAB ABAB', 'CDCD CDCD', '/trust bob']) expect(shown).toContain(part);
  });

  test('of a text that could not be sent: all of it', () => {
    const event = {
      kind: 'undelivered',
      room: 'r1',
      name: 'lobby',
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
