/** When the silence of a member is reported. */
import { heartbeatEvery } from '@chat/protocol';
import { type RoomState, UserMap } from '@chat/room';
import { beforeEach, describe, expect, test } from 'vitest';
import { Hearing } from '../../src/freshness/hearing.ts';

const minute = 60_000;
const tick = 15_000;
const start = 1_700_000_000_000;
const names = (count: number) => Array.from({ length: count }, (_, at) => `user-${at}`);

/** A room of the local user and others, as far as this test needs it. */
const roomOf = (users: readonly string[]) =>
  ({
    me: 'alice',
    members: UserMap.of(
      Object.fromEntries(['alice', ...users].map((user, at) => [user, { user, fingerprint: user, joinedAt: at + 1 }])),
    ),
  }) as unknown as RoomState;

const pair = roomOf(['bob']);
const both = ['alice', 'bob'];
let hearing: Hearing;

/** Lets time pass in ticks; returns the members whose silence was reported. */
const pass = (ms: number, room = pair, online: readonly string[] = both): string[] =>
  Array.from({ length: ms / tick }, () => hearing.pass(room, { online, connected: online.length }, tick)).flatMap(
    (silent) => silent.map(({ user, forMs }) => `${user} after ${forMs / minute} min`),
  );
const hear = (at: number, now = at, everyMs: number | null = minute) => hearing.hear('bob', { at, everyMs }, now);

beforeEach(() => {
  hearing = new Hearing();
});

describe('silence', () => {
  test('of a connected member is reported after three heartbeats and a minute, once', () => {
    expect(pass(3.75 * minute)).toEqual([]);
    expect(pass(tick)).toEqual(['bob after 4 min']);
    expect(pass(60 * minute)).toEqual([]);
  });

  test('ends with the next sign, and is reported again when it returns', () => {
    pass(5 * minute);
    expect(hear(start)).toBe(5 * minute);
    expect(hear(start + 1)).toBe(0);
    expect(pass(3.75 * minute)).toEqual([]);
    expect(pass(tick)).toEqual(['bob after 4 min']);
  });

  test('does not count for members who are not connected, for the local user, and for users who are no members', () => {
    expect(pass(60 * minute, pair, ['alice'])).toEqual([]);
    expect(pass(60 * minute, pair, ['alice', 'carol'])).toEqual([]);
    pass(3.75 * minute);
    expect(pass(tick, roomOf([]))).toEqual([]);
    expect(pass(3.75 * minute)).toEqual([]);
  });

  test('is measured by what the member has promised, and by the number of connected members, which the server cannot inflate', () => {
    hear(start, start, heartbeatEvery(20));
    expect(pass(3 * heartbeatEvery(20) + minute - tick)).toEqual([]);
    expect(pass(tick)).toEqual(['bob after 8.5 min']);

    hearing = new Hearing();
    const room = roomOf(['bob', ...names(18)]);
    const claimed = [...both, ...names(5000)];
    expect(pass(8.25 * minute, room, claimed)).toEqual([]);
    expect(pass(tick, room, claimed)).toHaveLength(19);
  });

  test('is measured by the number of connected members also where the server names only some of them', () => {
    const room = roomOf(['bob', ...names(98)]);
    const silent = (ms: number) =>
      Array.from({ length: ms / tick }, () => hearing.pass(room, { online: both, connected: 5_000 }, tick)).flat();
    expect(silent(38 * minute)).toEqual([]);
    expect(silent(minute).map(({ user }) => user)).toEqual(['bob']);
  });

  test('is excused by one heartbeat for each new connection, so that interruptions do not hide it', () => {
    expect(pass(3 * minute)).toEqual([]);
    hearing.excuse(pair, null);
    expect(pass(1.75 * minute)).toEqual([]);
    hearing.excuse(pair, 'carol');
    expect(pass(tick)).toEqual(['bob after 4 min']);

    hearing = new Hearing();
    let reported: string[] = [];
    for (let round = 0; round < 10; round++) {
      reported = [...reported, ...pass(3 * minute)];
      hearing.excuse(pair, 'bob');
    }
    expect(reported).toHaveLength(1);
  });

  test('is reported after ten minutes however often the member connects by the server’s word', () => {
    const flap = (ms: number) => {
      const reported: string[] = [];
      for (let passed = 0; passed < ms; passed += tick) {
        reported.push(...pass(tick));
        hearing.excuse(pair, 'bob');
        hearing.excuse(pair, null);
      }
      return reported;
    };
    expect(flap(10 * minute - tick)).toEqual([]);
    expect(flap(60 * minute)).toEqual(['bob after 4 min']);
    hear(start + minute, start + 70 * minute);
    expect(flap(10 * minute - tick)).toEqual([]);
  });
});

describe('a sign', () => {
  test('counts once, and never after a later one', () => {
    pass(3 * minute);
    expect(hear(start + minute)).toBe(0);
    expect(hearing.lastHeard('bob')).toBe(start + minute);
    for (const old of [start + minute, start, start - 60 * minute]) expect(hear(old, start + 2 * minute)).toBeNull();
    expect(hearing.lastHeard('bob')).toBe(start + minute);
  });

  test('does not count when the server has kept it back, whatever the difference of the clocks', () => {
    const ahead = 3 * 60 * minute;
    for (const skew of [0, ahead, -ahead]) {
      hearing = new Hearing();
      expect(hear(start + skew, start)).toBe(0);
      expect(hear(start + skew + minute, start + minute + 2 * minute)).toBe(0);
      expect(hear(start + skew + 2 * minute, start + 2 * minute + 3 * minute + 1)).toBeNull();
      expect(hear(start + skew + 10 * minute, start + 10 * minute)).toBe(0);
    }
  });

  test('counts after this machine’s clock was set', () => {
    hear(start);
    hearing.clockChanged();
    expect(hear(start + minute, start + 60 * minute)).toBe(0);
  });

  test('from more than a day ahead does not count, so that it does not silence the member until then', () => {
    expect(hear(8.64e15, start)).toBeNull();
    expect(hear(start)).toBe(0);
  });

  test('is remembered over restarts, and forgotten with the membership', () => {
    hear(start);
    hearing = new Hearing(JSON.parse(JSON.stringify(hearing.stored)));
    expect(hearing.lastHeard('bob')).toBe(start);
    expect(hear(start)).toBeNull();
    pass(tick, roomOf([]));
    expect(hearing.lastHeard('bob')).toBeNull();
  });
});
