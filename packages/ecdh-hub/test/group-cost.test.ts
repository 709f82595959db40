/** What an epoch costs, counted instead of timed; and that a large one can be made a wrap at a time. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../src/backend/backend.ts';
import { applyEpoch } from '../src/group/apply-epoch.ts';
import { composeEpoch } from '../src/group/compose-epoch.ts';
import { emptyGroup } from '../src/group/group.ts';
import { Roster } from '../src/group/roster.ts';
import type { Member } from '../src/index.ts';
import { KeyHub } from '../src/index.ts';
import { countingBackend } from './counting-backend.ts';
import { createGroup, founded, GROUP, people, person, wrapFor } from './group-setting.ts';
import { codeOf, native, seededRandom, suites } from './setting.ts';

const [observed, newcomer] = [person('observed'), person('newcomer').member];

/** A group whose members but one share a public key: nothing here depends on that, and it is made in no time. */
function groupOf(size: number) {
  const shared = person('shared').member.publicKey;
  const others = Array.from({ length: size - 1 }, (_, i): Member => ({ id: `user-${i}`, publicKey: shared }));
  const roster = Roster.empty.change(native, [], [observed.member, ...others]);
  return { ...emptyGroup(GROUP, 'X25519'), epoch: 1, roster };
}

function compose(
  backend: Backend,
  group: ReturnType<typeof groupOf>,
  change: { added?: Member[]; removed?: string[] },
) {
  const before = change.added === undefined ? undefined : new Uint8Array(32);
  const { wraps, ...epoch } = composeEpoch(
    backend,
    group,
    before,
    { added: [], removed: [], ...change },
    seededRandom('cost'),
  );
  return { ...epoch, wraps: [...wraps] };
}

describe('counted', () => {
  const sizes = [10, 100, 1000];

  test('a join costs the same in a group of any size, for the hub and for a member', () => {
    const costs = sizes.map((size) => {
      const [hub, member] = [countingBackend(), countingBackend()];
      const group = groupOf(size);
      const { announcement } = compose(hub.backend, group, { added: [newcomer] });
      const own = member.backend.agreements.X25519.load(observed.keys.privateKey, observed.keys.publicKey);
      const secret = new Uint8Array(32);
      applyEpoch(member.backend, { id: 'observed', group, secret }, own, announcement, undefined);
      return { hub: hub.counts, member: member.counts };
    });
    for (const { hub, member } of costs) {
      expect(hub).toMatchObject({ agreements: 1, checks: 2, hashes: costs[0]?.hub.hashes });
      expect(member).toMatchObject({ agreements: 0, checks: 2, hashes: costs[0]?.member.hashes });
      // The hashes of 31 blocks, and a block that is full: 2 KiB more than in a group of ten.
      expect(hub.hashedBytes).toBeLessThan((costs[0]?.hub.hashedBytes ?? 0) + 2048);
      expect(member.hashedBytes).toBeLessThan((costs[0]?.member.hashedBytes ?? 0) + 2048);
    }
  });

  test('a removal costs the hub one agreement for each who stays, and a member one in all', () => {
    for (const size of sizes) {
      const [hub, member] = [countingBackend(), countingBackend()];
      const group = groupOf(size);
      const { announcement, wraps } = compose(hub.backend, group, { removed: ['user-0'] });
      expect(hub.counts.agreements).toBe(size - 1);
      const own = member.backend.agreements.X25519.load(observed.keys.privateKey, observed.keys.publicKey);
      const membership = { id: 'observed', group, secret: undefined };
      const applied = applyEpoch(member.backend, membership, own, announcement, wrapFor('observed', wraps));
      expect(applied.key).toBe('held');
      expect(member.counts).toMatchObject({ agreements: 1, checks: 1 });
      // One for each block of 32 members, and a few that are always the same.
      expect(member.counts.hashes).toBeLessThan(Math.ceil(size / 32) + 8);
    }
  });
});

describe('lazily', () => {
  test.each(suites)('%s: the same bytes as at once', (suite) => {
    const { hub } = createGroup(people(3, suite), suite);
    const change = { removed: ['user-1'], added: [person('dave', suite).member] };
    const [lazy, atOnce] = [hub.rekeyLazily(change, seededRandom('lazy')), hub.rekey(change, seededRandom('lazy'))];
    expect([...lazy.wraps]).toEqual(atOnce.wraps);
    expect(lazy.announcement).toEqual(atOnce.announcement);
    expect(JSON.stringify(lazy.hub)).toBe(JSON.stringify(atOnce.hub));
    expect([...lazy.wraps]).toEqual([]);
  });

  test('each wrap is made when it is asked for, and the ephemeral private key wiped after the last', () => {
    const { backend, counts, derivedFrom } = countingBackend();
    const { wraps } = composeEpoch(backend, groupOf(3), undefined, { removed: [], added: [] }, seededRandom('wiped'));
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

  test('or when the loop is left; then who has no wrap asks for one', () => {
    const { backend, derivedFrom } = countingBackend();
    const change = { removed: [], added: [] };
    for (const { to } of composeEpoch(backend, groupOf(3), undefined, change, seededRandom('left')).wraps) {
      expect(to).toBe('observed');
      break;
    }
    expect(derivedFrom).toEqual([new Uint8Array(32)]);

    const founders = people(3);
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

  test('a change that is refused is refused before the first wrap', () => {
    const { hub } = createGroup(people(2));
    expect(codeOf(() => hub.rekeyLazily({ removed: ['nobody'] }))).toBe('unknown-member');
    expect(codeOf(() => hub.rekeyLazily({ added: [person('user-0').member] }))).toBe('already-member');
    expect(codeOf(() => KeyHub.succeed(founded(people(2), createGroup(people(2)))[0] as never).rekeyLazily())).toBe(
      'none',
    );
  });
});
