/**
 * The secrecy of epochs in random histories of a group. Each user keeps every secret, records all traffic, and at the end
 * tries all of it on all epochs: exactly the members of an epoch must obtain its key.
 */
import { onlyInFullRun } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/encoding/bytes.ts';
import { openSecret } from '../../src/group/epoch-wrap.ts';
import {
  decodeAnnouncement,
  decodeEnvelope,
  KeyHub,
  type KeyPair,
  MemberState,
  type NextEpoch,
  type Suite,
} from '../../src/index.ts';
import { requireSuite } from '../../src/suite.ts';
import { loadRecipient } from '../../src/wrap/sides.ts';
import { unwrapKey } from '../../src/wrap/wrap.ts';
import { contextOf, derivations, type Given } from '../support/derivations.ts';
import { groupName, testUser, wrapFor } from '../support/group-setting.ts';
import { native, outcomeOf, seededRandom, suites, toHex, utf8 } from '../support/setting.ts';

/** Everything that one user has received and stored. */
interface Knowledge {
  readonly id: string;
  readonly keys: KeyPair[];
  readonly secrets: Uint8Array[];
  state: MemberState | undefined;
}

interface Epoch {
  readonly announcement: Uint8Array;
  readonly members: ReadonlySet<string>;
  readonly key: string;
  readonly envelopes: { readonly to: string; readonly envelope: Uint8Array }[];
  readonly wraps: NextEpoch['wraps'];
}

type Step =
  | {
      readonly do: 'join' | 'remove' | 'rekey' | 'replace';
      readonly who: number;
      readonly lost: number;
      readonly sameKeys: boolean;
    }
  | { readonly do: 'succeed' | 'rewrap'; readonly who: number };

const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constantFrom('join', 'join', 'remove', 'rekey', 'replace'),
      who: fc.nat(9),
      lost: fc.nat(9),
      sameKeys: fc.boolean(),
    }),
    fc.record({ do: fc.constantFrom('succeed', 'rewrap'), who: fc.nat(9) }),
  ),
  { minLength: 1, maxLength: 14 },
) as fc.Arbitrary<Step[]>;

const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'];

class History {
  readonly #suite: Suite;
  readonly #random = seededRandom('history');
  readonly #users: Knowledge[];
  readonly #epochs: Epoch[] = [];
  #hub: KeyHub;
  /** The user who is the hub. */
  #holder: Knowledge;

  constructor(suite: Suite) {
    this.#suite = suite;
    this.#users = names.map((id) => ({ id, keys: [testUser(id, suite).keys], secrets: [], state: undefined }));
    const founders = this.#users.slice(0, 3);
    const members = founders.map((user) => ({ id: user.id, publicKey: latest(user).publicKey }));
    for (const user of founders) user.state = MemberState.found(groupName, user.id, latest(user));
    const first = KeyHub.create({ name: groupName, suite, members }, this.#random);
    this.#holder = this.#users[0] as Knowledge;
    this.#hub = first.hub;
    this.#spread(first, -1);
  }

  get #members(): Knowledge[] {
    return this.#users.filter(({ id }) => this.#hub.members.some((member) => member.id === id));
  }

  run(step: Step): void {
    const before = JSON.stringify(this.#hub);
    const hub = this.#hub;
    this.#perform(step);
    expect(JSON.stringify(hub)).toBe(before);
    this.#check();
  }

  #perform(step: Step): void {
    const members = this.#members;
    const member = members[step.who % members.length] as Knowledge;
    switch (step.do) {
      case 'join': {
        const outside = this.#users.filter((user) => !members.includes(user));
        const user = outside[step.who % outside.length];
        if (user === undefined) return;
        if (!step.sameKeys) renew(user, this.#suite);
        user.state = MemberState.enter(this.#hub.snapshot(), user.id, latest(user));
        const newcomer = { id: user.id, publicKey: latest(user).publicKey };
        this.#spread(this.#hub.join([newcomer], this.#random), step.lost);
        return;
      }
      case 'remove':
        // The hub knows the key that it makes, so another member must be the hub first.
        if (member === this.#holder && !this.#succeed(members.find((one) => one !== member && holds(one)))) return;
        this.#spread(this.#hub.remove([member.id], this.#random), step.lost);
        return;
      case 'rekey':
        this.#spread(this.#hub.rekey({}, this.#random), step.lost);
        return;
      case 'replace': {
        renew(member, this.#suite);
        member.state = MemberState.enter(this.#hub.snapshot(), member.id, latest(member));
        const added = [{ id: member.id, publicKey: latest(member).publicKey }];
        this.#spread(this.#hub.rekey({ removed: [member.id], added }, this.#random), step.lost);
        return;
      }
      case 'succeed':
        this.#succeed(holds(member) ? member : undefined);
        return;
      case 'rewrap': {
        const envelope = this.#hub.rewrap(member.id, this.#random);
        this.#epochs.at(-1)?.envelopes.push({ to: member.id, envelope });
        if (!holds(member)) this.#keep(member, (member.state as MemberState).receive(envelope));
        expect(holds(member)).toBe(true);
      }
    }
  }

  #succeed(heir: Knowledge | undefined): boolean {
    if (heir?.state === undefined) return false;
    this.#holder = heir;
    this.#hub = KeyHub.succeed(heir.state);
    return true;
  }

  /** Delivers an epoch to all users with a state, except for one lost wrap. Every state passes through its JSON form. */
  #spread({ hub, announcement, wraps }: NextEpoch, lost: number): void {
    const { kind } = decodeAnnouncement(announcement);
    const missed = wraps[lost]?.to;
    this.#hub = KeyHub.parse(JSON.stringify(hub));
    this.#holder.secrets.push(secretOf(hub) as Uint8Array);
    const members = new Set(hub.members.map(({ id }) => id));
    this.#epochs.push({ announcement, members, wraps, key: toHex(hub.key()), envelopes: [] });
    for (const user of this.#users) {
      const { state } = user;
      if (state === undefined) continue;
      const before = JSON.stringify(state);
      const wrap = user.id === missed ? undefined : wrapFor(user.id, wraps);
      const had = state.key() !== undefined;
      const applied = state.apply(announcement, wrap);
      expect(JSON.stringify(state)).toBe(before);
      const able = wrap !== undefined || (kind === 'step' && had);
      expect(applied.key).toBe(members.has(user.id) ? (able ? 'held' : 'missing') : 'not-a-member');
      this.#keep(user, applied.member);
    }
  }

  #keep(user: Knowledge, state: MemberState): void {
    user.state = MemberState.parse(JSON.stringify(state), latest(user));
    const secret = secretOf(user.state);
    if (secret !== undefined) user.secrets.push(secret);
  }

  /** Checks the key that each member's state holds. */
  #check(): void {
    const key = this.#hub.key();
    for (const { id, state } of this.#users) {
      if (state === undefined) continue;
      expect(state.epoch).toBe(this.#hub.epoch);
      expect(state.members).toEqual(this.#hub.members);
      if (state.key() !== undefined) {
        expect(state.key()).toEqual(key);
        expect(this.#epochs.at(-1)?.members).toContain(id);
      }
    }
  }

  /** Checks the keys that each user can compute from everything that it stored. */
  attack(): void {
    const given = derivations(this.#epochs);
    for (const user of this.#users) {
      const known = this.#everythingKnownTo(user, given);
      for (const [index, epoch] of this.#epochs.entries()) {
        const canRead = known.some((secret) => given(secret).keys[index] === epoch.key);
        expect(canRead, user.id).toBe(epoch.members.has(user.id));
      }
    }
  }

  #everythingKnownTo(user: Knowledge, given: (secret: Uint8Array) => Given): Uint8Array[] {
    const known = new Map(user.secrets.map((secret) => [toHex(secret), secret]));
    for (const epoch of this.#epochs) for (const secret of opened(user, epoch)) known.set(toHex(secret), secret);
    // Iterating a map includes the entries that the loop adds, so steps of steps are tried too.
    for (const secret of known.values()) {
      for (const stepped of given(secret).stepped) known.set(toHex(stepped), stepped);
    }
    return [...known.values()];
  }
}

function latest({ keys }: Knowledge): KeyPair {
  return keys.at(-1) as KeyPair;
}

function renew(user: Knowledge, suite: Suite): void {
  user.keys.push(testUser(user.id, suite, `${user.id} ${user.keys.length}`).keys);
}

function holds({ state }: Knowledge): boolean {
  return state?.key() !== undefined;
}

function secretOf(state: KeyHub | MemberState): Uint8Array | undefined {
  const { secret } = JSON.parse(JSON.stringify(state));
  return secret === null ? undefined : new Uint8Array(Buffer.from(secret, 'base64url'));
}

/** Returns all secrets that the user's private keys open, under the user's own id and under the id of the recipient. */
function opened(user: Knowledge, epoch: Epoch): Uint8Array[] {
  const context = contextOf(epoch);
  const { ephemeralKey } = decodeAnnouncement(epoch.announcement);
  const found: Uint8Array[] = [];
  for (const keys of user.keys) {
    const [suite, own] = [requireSuite(keys.suite, 'invalid-argument'), loadRecipient(native, keys)];
    for (const { to, wrap } of epoch.wraps) {
      for (const id of new Set([to, user.id])) {
        const secret = openSecret(native, { suite, id, own, ephemeralKey, context, wrap });
        if (secret !== null) found.push(secret);
      }
    }
    for (const { to, envelope } of epoch.envelopes) {
      const rewrapContext = lengthPrefixed([utf8('ecdh-hub rewrap v1'), context, utf8(to)]);
      const unwrapping = { keys, envelope: decodeEnvelope(envelope), context: rewrapContext };
      const open = () => found.push(unwrapKey(native, unwrapping));
      expect(['none', 'unwrap-failed']).toContain(outcomeOf(open));
    }
  }
  return found;
}

function checkHistories(suite: Suite, numRuns: number): void {
  fc.assert(
    fc.property(steps, (history) => {
      const group = new History(suite);
      for (const step of history) group.run(step);
      group.attack();
    }),
    { numRuns },
  );
}

const runs = { 'P-384': 1, 'P-256': 2, X25519: 12, 'X-Wing': 1 };

test.each(suites)('%s: exactly the members of an epoch can read it', (suite) => {
  checkHistories(suite, runs[suite]);
});

onlyInFullRun('long random histories of groups')(
  'in many histories, exactly the members of an epoch can read it',
  () => {
    test.each(suites)('%s', (suite) => {
      checkHistories(suite, runs[suite] * 60);
    });
  },
);

describe('in one fixed history', () => {
  test('a newcomer cannot read earlier epochs, and a removed member cannot read later ones', () => {
    const group = new History('X25519');
    const kinds = ['join', 'join', 'remove', 'rekey', 'join'] as const;
    for (const [who, kind] of kinds.entries()) group.run({ do: kind, who, lost: -1, sameKeys: true });
    group.attack();
  });
});
