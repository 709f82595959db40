/** How often users may use rooms. */
import { codeOf } from '@chat/protocol';
import { thrownCode } from '@chat/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { defaultLimits } from '../../src/index.ts';
import type { RoomChange } from '../../src/ports/room-store.ts';
import { RoomQuotas } from '../../src/throttle/room-quotas.ts';

const limits = {
  ...defaultLimits,
  roomsCreatedPerHour: 2,
  joinsPerHour: 3,
  roomJoinsPerHour: 60,
  joinBurst: 2,
  invitesPerHour: 3,
  roomInvitesPerHour: 60,
  roomInviteBurst: 2,
  decisionsPerHour: 30,
  decisionBurst: 2,
  withdrawalsPerHour: 12,
  withdrawalBurst: 2,
  unforcedEpochsPerHour: 2,
  knocksPerHour: 3,
  roomKnocksPerHour: 60,
  roomKnockBurst: 2,
};

let now = 0;
let quotas: RoomQuotas;

beforeEach(() => {
  now = 1_000_000;
  quotas = new RoomQuotas(limits, () => now);
});

const bob = { user: 'bob', fingerprint: 'f'.repeat(64) };
const join: RoomChange = { ...bob, kind: 'join', readsFrom: 1 };
const invite: RoomChange = { ...bob, kind: 'invite', by: 'alice' };
const decisions: readonly RoomChange[] = [
  { ...bob, kind: 'remove' },
  { kind: 'role', roles: [{ user: 'bob', role: 'moderator' }] },
  { kind: 'readmit', fingerprint: bob.fingerprint },
];
const epoch: RoomChange = {
  kind: 'epoch',
  epoch: { number: 2, hash: 'e'.repeat(64), answers: 5, v: 2, freshSeq: 5, freshAt: 1 },
  sheets: [],
};

/** Returns the code of the refusal of one entry more, or null. */
function enter(
  change: RoomChange,
  room = 'den',
  {
    by = 'alice',
    ...flags
  }: { by?: string; unforced?: boolean; lostKey?: boolean; leavesOut?: boolean; othersThan?: () => number } = {},
) {
  try {
    quotas.countEntry(by, room, { change, leavesOut: false, ...flags });
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

const refused = 'limit-reached';
const hourMs = 3_600_000;

describe('a user', () => {
  test('can create so many rooms in an hour', () => {
    const count = () => quotas.countCreation('alice');
    count();
    count();
    expect(thrownCode(count)).toBe(refused);
    quotas.countCreation('bob');
    now += hourMs / 2;
    count();
  });

  test('can knock so often in an hour, and at one room more slowly, because each knock reaches all of its members', () => {
    const knock = (roomId: string, user = 'alice') => {
      try {
        quotas.countKnock(user, roomId);
        return null;
      } catch (error) {
        return codeOf(error);
      }
    };
    expect([knock('den'), knock('den'), knock('den'), knock('attic'), knock('attic')]).toEqual([
      null,
      null,
      refused,
      null,
      refused,
    ]);
    expect(knock('den', 'bob')).toBeNull();
    now += 60_000;
    expect(knock('den')).toBe(refused);
    now += hourMs / 3;
    expect([knock('den'), knock('den')]).toEqual([null, refused]);
  });

  test('can join so many rooms in an hour, and one room more slowly', () => {
    expect([1, 2, 3].map(() => enter(join))).toEqual([null, null, refused]);
    expect(enter(join, 'attic')).toBeNull();
    expect(enter(join, 'cellar')).toBe(refused);
    now += hourMs;
    expect([1, 2, 3].map(() => enter(join))).toEqual([null, null, refused]);
    now += 59_999;
    expect(enter(join)).toBe(refused);
    now += 1;
    expect(enter(join)).toBeNull();
  });

  test('can invite so many users in an hour, and to one room more slowly', () => {
    expect([1, 2, 3].map(() => enter(invite))).toEqual([null, null, refused]);
    // The refused one does not count for the hour.
    expect([1, 2].map(() => enter(invite, 'attic'))).toEqual([null, refused]);
    now += 20 * 60_000;
    expect(enter(invite)).toBeNull();
  });

  test('can decide so often in one room, whatever the decision is', () => {
    for (const decision of decisions) {
      quotas = new RoomQuotas(limits, () => now);
      expect([decision, decision, decision].map((each) => enter(each))).toEqual([null, null, refused]);
    }
    expect(enter({ ...bob, kind: 'remove' }, 'attic')).toBeNull();
    now += 120_000;
    expect(enter({ ...bob, kind: 'remove' })).toBeNull();
  });

  test('can withdraw so many invitations in one room, besides other decisions', () => {
    const withdraw: RoomChange = { ...bob, kind: 'withdraw' };
    expect([withdraw, withdraw, withdraw].map((each) => enter(each))).toEqual([null, null, refused]);
    expect([enter(withdraw, 'attic'), enter({ ...bob, kind: 'remove' })]).toEqual([null, null]);
    now += 5 * 60_000;
    expect([enter(withdraw), enter(withdraw)]).toEqual([null, refused]);
  });

  test('can make so many keys that the room does not need, or that leave members out', () => {
    expect([enter(epoch, 'den', { unforced: true }), enter(epoch, 'den', { leavesOut: true })]).toEqual([null, null]);
    expect(enter(epoch, 'den', { unforced: true })).toBe(refused);
    expect(enter(epoch, 'den', { leavesOut: true })).toBe(refused);
    expect(enter(epoch, 'attic', { unforced: true })).toBeNull();
  });

  test('can always leave, and make the keys that the room needs', () => {
    const leave: RoomChange = { ...bob, kind: 'leave', closes: false, successor: null };
    for (let count = 0; count < 20; count++) expect([enter(epoch), enter(leave)]).toEqual([null, null]);
  });
});

describe('the author of an epoch that is unforced or leaves members out', () => {
  const othersThan = () => 1;

  test('leaves the next one to another member who is there', () => {
    for (const bad of [{ unforced: true }, { leavesOut: true }]) {
      expect(enter(epoch, 'den', { ...bad, othersThan })).toBeNull();
      expect(enter(epoch, 'den', { othersThan })).toBe(refused);
      expect(enter(epoch, 'attic', { othersThan })).toBeNull();
      expect(enter(epoch, 'den', { by: 'bob', othersThan })).toBeNull();
      expect(enter(epoch, 'den', { othersThan })).toBeNull();
    }
  });

  test('makes it when no other member is there, or none has acted for half a minute', () => {
    expect(enter(epoch, 'den', { unforced: true, othersThan })).toBeNull();
    expect(enter(epoch)).toBeNull();
    expect(enter(epoch, 'den', { unforced: true, othersThan })).toBeNull();
    now += hourMs;
    expect(enter(epoch, 'den', { othersThan })).toBe(refused);
    now += 29_999;
    expect(enter(epoch, 'den', { othersThan })).toBe(refused);
    now += 1;
    expect(enter(epoch, 'den', { othersThan })).toBeNull();
  });
});

describe('an epoch that replaces one of another member', () => {
  const lost = { unforced: true, lostKey: true };
  const by = (user: string, flags = {}) => enter(epoch, 'den', { by: user, othersThan: () => 1, ...flags });

  test('costs nothing when that one has counted, once for each', () => {
    // More than a member may make of its own accord.
    for (const mallory of ['mallory', 'zoe', 'eve']) {
      expect([by(mallory, { leavesOut: true }), by('alice', lost)]).toEqual([null, null]);
    }
    expect([by('alice', lost), by('alice', lost)]).toEqual([null, refused]);
  });

  test('counts when that one has not: two members who replace each other’s keys stop soon', () => {
    let made = 0;
    for (let count = 0; count < 40; count++) {
      for (const user of ['mallory', 'zoe']) if (by(user, lost) === null) made += 1;
      now += 60_000;
    }
    const counted = 2 * (limits.unforcedEpochsPerHour + limits.unforcedEpochsPerHour * (40 / 60));
    expect(made).toBeLessThanOrEqual(2 * counted);
  });

  test('keeps its author from the next ones, but not who leaves members out in doing so', () => {
    expect([by('bob'), by('mallory', { ...lost, leavesOut: true })]).toEqual([null, null]);
    expect([by('bob'), by('mallory')]).toEqual([null, null]);
    expect([by('alice', lost), by('mallory'), by('alice')]).toEqual([null, refused, null]);
  });
});
