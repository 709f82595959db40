/** The cost of an epoch in operations, and epochs whose wraps are made one at a time. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { applyEpoch } from '../../src/group/apply-epoch.ts';
import { composeEpoch } from '../../src/group/compose-epoch.ts';
import { emptyGroup } from '../../src/group/group.ts';
import { Roster } from '../../src/group/roster.ts';
import type { Member } from '../../src/index.ts';
import { KeyHub } from '../../src/index.ts';
import { loadRecipient } from '../../src/wrap/sides.ts';
import { countingBackend } from '../support/counting-backend.ts';
import { createGroup, founded, groupName, testUser, testUsers, wrapFor } from '../support/group-setting.ts';
import { native, outcomeOf, seededRandom, suites } from '../support/setting.ts';

const [observed, newcomer] = [testUser('observed'), testUser('newcomer').member];

/** Returns a group in which all members but one share a public key, so that the setup generates few keys. */
function groupOf(size: number) {
  const shared = testUser('shared').member.publicKey;
  const others = Array.from({ length: size - 1 }, (_, i): Member => ({ id: `user-${i}`, publicKey: shared }));
  const roster = Roster.empty().change(native, [], [observed.member, ...others]);
  return { ...emptyGroup(groupName, 'X25519'), epoch: 1, roster };
}

function compose(
  backend: Backend,
  group: ReturnType<typeof groupOf>,
  change: { added?: Member[]; removed?: string[] },
) {
  const { wraps, ...epoch } = composeEpoch(backend, group, {
    added: [],
    removed: [],
    ...change,
    previousSecret: change.added === undefined ? undefined : new Uint8Array(32),
    random: seededRandom('cost'),
  });
  return { ...epoch, wraps: [...wraps] };
}

describe('counted operations', () => {
  const sizes = [10, 100, 1000];

  test('a join costs the same in a group of any size, for the hub and for a member', () => {
    const costs = sizes.map((size) => {
      const [hub, member] = [countingBackend(), countingBackend()];
      const group = groupOf(size);
      const { announcement } = compose(hub.backend, group, { added: [newcomer] });
      const own = loadRecipient(member.backend, observed.keys);
      const secret = new Uint8Array(32);
      applyEpoch(member.backend, { id: 'observed', group, secret }, { own, announcement, wrap: undefined });
      return { hub: hub.counts, member: member.counts };
    });
    for (const { hub, member } of costs) {
      expect(hub).toMatchObject({ agreements: 1, checks: 2, hashes: costs[0]?.hub.hashes });
      expect(member).toMatchObject({ agreements: 0, checks: 2, hashes: costs[0]?.member.hashes });
      // The hashes of 31 blocks and of one full block are 2 KiB more than in a group of ten.
      expect(hub.hashedBytes).toBeLessThan((costs[0]?.hub.hashedBytes ?? 0) + 2048);
      expect(member.hashedBytes).toBeLessThan((costs[0]?.member.hashedBytes ?? 0) + 2048);
    }
  });

  test('a removal costs the hub one agreement for each remaining member, and a member one in total', () => {
    for (const size of sizes) {
      const [hub, member] = [countingBackend(), countingBackend()];
      const group = groupOf(size);
      const { announcement, wraps } = compose(hub.backend, group, { removed: ['user-0'] });
      expect(hub.counts.agreements).toBe(size - 1);
      const own = loadRecipient(member.backend, observed.keys);
      const membership = { id: 'observed', group, secret: null };
      const wrap = wrapFor('observed', wraps);
      const applied = applyEpoch(member.backend, membership, { own, announcement, wrap });
      expect(applied.key).toBe('held');
      expect(member.counts).toMatchObject({ agreements: 1, checks: 1 });
      // One for each block of 32 members, and a constant number besides.
      expect(member.counts.hashes).toBeLessThan(Math.ceil(size / 32) + 8);
    }
  });
});

describe('rekeyLazily', () => {
  test.each(suites)('%s: makes the same bytes as rekey', (suite) => {
    const { hub } = createGroup(testUsers(3, suite), suite);
    const change = { removed: ['user-1'], added: [testUser('dave', suite).member] };
    const [lazy, atOnce] = [hub.rekeyLazily(change, seededRandom('lazy')), hub.rekey(change, seededRandom('lazy'))];
    expect([...lazy.wraps]).toEqual(atOnce.wraps);
    expect(lazy.announcement).toEqual(atOnce.announcement);
    expect(JSON.stringify(lazy.hub)).toBe(JSON.stringify(atOnce.hub));
    expect([...lazy.wraps]).toEqual([]);
  });

  test('makes each wrap when it is requested, and wipes the ephemeral private key after the last', () => {
    const { backend, counts, derivedFrom } = countingBackend();
    const { wraps } = composeEpoch(backend, groupOf(3), { removed: [], added: [], random: seededRandom('wiped') });
    const [privateKey] = derivedFrom as [Uint8Array];
    expect(counts.agreements).toBe(0);
    for (let made = 1; made <= 3; made++) {
      expect(wraps.next().done).toBe(false);
      expect(counts.agreements).toBe(made);
      expect(privateKey.some((byte) => byte !== 0)).toBe(true);
    }
    expect(wraps.next().done).toBe(true);
    expect(privateKey).toEqual(new Uint8Array(32));
  });

  test('wipes the key when the wraps are closed before the first, of which none is made then', () => {
    const { backend, counts, derivedFrom } = countingBackend();
    const { wraps } = composeEpoch(backend, groupOf(3), { removed: [], added: [], random: seededRandom('closed') });
    expect(wraps.return()).toEqual({ value: undefined, done: true });
    expect([...wraps]).toEqual([]);
    expect(counts.agreements).toBe(0);
    expect(derivedFrom).toEqual([new Uint8Array(32)]);
  });

  test('wipes the key when the loop is left, and members without a wrap request one', () => {
    const { backend, derivedFrom } = countingBackend();
    const options = { removed: [], added: [], random: seededRandom('left') };
    for (const { to } of composeEpoch(backend, groupOf(3), options).wraps) {
      expect(to).toBe('observed');
      break;
    }
    expect(derivedFrom).toEqual([new Uint8Array(32)]);

    const founders = testUsers(3);
    const first = createGroup(founders);
    const { announcement, wraps, hub } = first.hub.rekeyLazily();
    const [made] = wraps;
    expect(made?.to).toBe('user-0');
    const applied = founded(founders, first).map((member) =>
      member.apply(announcement, member.id === made?.to ? made.wrap : undefined),
    );
    expect(applied.map(({ key }) => key)).toEqual(['held', 'missing', 'missing']);
    expect(applied[1]?.member.receive(hub.rewrap('user-1')).key()).toEqual(hub.key());
  });

  test('refuses a change before the first wrap', () => {
    const { hub } = createGroup(testUsers(2));
    expect(thrownCode(() => hub.rekeyLazily({ removed: ['mallory'] }))).toBe('unknown-member');
    expect(thrownCode(() => hub.rekeyLazily({ added: [testUser('user-0').member] }))).toBe('already-member');
    expect(
      outcomeOf(() => KeyHub.succeed(founded(testUsers(2), createGroup(testUsers(2)))[0] as never).rekeyLazily()),
    ).toBe('none');
  });
});
