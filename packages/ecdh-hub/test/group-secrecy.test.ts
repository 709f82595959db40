/**
 * Who can read what, in random histories of a group. Everybody keeps everything they ever saw, records all traffic, and at
 * the end tries all of it on all epochs: exactly those who were members of an epoch must come to its key.
 */
import { onlyInFullRun } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../src/encoding/bytes.ts';
import { bodyOf } from '../src/group/announcement.ts';
import { openSecret } from '../src/group/epoch-wrap.ts';
import { commitmentTo, epochContext, epochKey, stepSecret } from '../src/group/key-schedule.ts';
import {
  decodeAnnouncement,
  decodeEnvelope,
  KeyHub,
  type KeyPair,
  MemberState,
  type NextEpoch,
  type Suite,
} from '../src/index.ts';
import { unwrapKey } from '../src/wrap/wrap.ts';
import { GROUP, person, wrapFor } from './group-setting.ts';
import { codeOf, native, seededRandom, suites, toHex, utf8 } from './setting.ts';

/** What one person has seen and kept. */
interface Mind {
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

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'];

class History {
  readonly #suite: Suite;
  readonly #random = seededRandom('history');
  readonly #minds: Mind[];
  readonly #epochs: Epoch[] = [];
  #hub: KeyHub;
  /** Who is the hub. */
  #holder: Mind;

  constructor(suite: Suite) {
    this.#suite = suite;
    this.#minds = NAMES.map((id) => ({ id, keys: [person(id, suite).keys], secrets: [], state: undefined }));
    const founders = this.#minds.slice(0, 3);
    const members = founders.map((mind) => ({ id: mind.id, publicKey: latest(mind).publicKey }));
    for (const mind of founders) mind.state = MemberState.found(GROUP, mind.id, latest(mind));
    const first = KeyHub.create({ name: GROUP, suite, members }, this.#random);
    this.#holder = this.#minds[0] as Mind;
    this.#hub = first.hub;
    this.#spread(first, -1);
  }

  get #members(): Mind[] {
    return this.#minds.filter(({ id }) => this.#hub.members.some((member) => member.id === id));
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
    const member = members[step.who % members.length] as Mind;
    switch (step.do) {
      case 'join': {
        const outside = this.#minds.filter((mind) => !members.includes(mind));
        const mind = outside[step.who % outside.length];
        if (mind === undefined) return;
        if (!step.sameKeys) renew(mind, this.#suite);
        mind.state = MemberState.enter(this.#hub.snapshot(), mind.id, latest(mind));
        const newcomer = { id: mind.id, publicKey: latest(mind).publicKey };
        this.#spread(this.#hub.join([newcomer], this.#random), step.lost);
        return;
      }
      case 'remove':
        // Whoever makes a key knows it: another must be the hub first.
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

  #succeed(heir: Mind | undefined): boolean {
    if (heir?.state === undefined) return false;
    this.#holder = heir;
    this.#hub = KeyHub.succeed(heir.state);
    return true;
  }

  /** Tells everybody who has begun, and loses one wrap on the way; every state goes through its JSON. */
  #spread({ hub, announcement, wraps }: NextEpoch, lost: number): void {
    const { kind } = decodeAnnouncement(announcement);
    const missed = wraps[lost]?.to;
    this.#hub = KeyHub.parse(JSON.stringify(hub));
    this.#holder.secrets.push(secretOf(hub) as Uint8Array);
    const members = new Set(hub.members.map(({ id }) => id));
    this.#epochs.push({ announcement, members, wraps, key: toHex(hub.key()), envelopes: [] });
    for (const mind of this.#minds) {
      const { state } = mind;
      if (state === undefined) continue;
      const before = JSON.stringify(state);
      const wrap = mind.id === missed ? undefined : wrapFor(mind.id, wraps);
      const had = state.key() !== undefined;
      const applied = state.apply(announcement, wrap);
      expect(JSON.stringify(state)).toBe(before);
      const able = wrap !== undefined || (kind === 'step' && had);
      expect(applied.key).toBe(members.has(mind.id) ? (able ? 'held' : 'missing') : 'not-a-member');
      this.#keep(mind, applied.member);
    }
  }

  #keep(mind: Mind, state: MemberState): void {
    mind.state = MemberState.parse(JSON.stringify(state), latest(mind));
    const secret = secretOf(mind.state);
    if (secret !== undefined) mind.secrets.push(secret);
  }

  /** What each has by honest means. */
  #check(): void {
    const key = this.#hub.key();
    for (const { id, state } of this.#minds) {
      if (state === undefined) continue;
      expect(state.epoch).toBe(this.#hub.epoch);
      expect(state.members).toEqual(this.#hub.members);
      if (state.key() !== undefined) {
        expect(state.key()).toEqual(key);
        expect(this.#epochs.at(-1)?.members).toContain(id);
      }
    }
  }

  /** What each can compute from all that they have. */
  attack(): void {
    for (const mind of this.#minds) {
      const known = this.#everythingKnownTo(mind);
      for (const epoch of this.#epochs) {
        const context = contextOf(epoch);
        const keys = known.map((secret) => toHex(epochKey(native, secret, context)));
        expect(keys.includes(epoch.key), mind.id).toBe(epoch.members.has(mind.id));
      }
    }
  }

  #everythingKnownTo(mind: Mind): Uint8Array[] {
    const known = new Map(mind.secrets.map((secret) => [toHex(secret), secret]));
    for (const epoch of this.#epochs) for (const secret of opened(mind, epoch)) known.set(toHex(secret), secret);
    const contexts = this.#epochs.map(contextOf);
    const commitments = new Set(this.#epochs.map(({ announcement }) => toHex(announcement.subarray(-32))));
    // A map shows its new entries to the loop that adds them: steps of steps are tried too.
    for (const secret of known.values()) {
      for (const context of contexts) {
        const stepped = stepSecret(native, secret, context);
        const fits = contexts.some((one) => commitments.has(toHex(commitmentTo(native, stepped, one))));
        if (fits) known.set(toHex(stepped), stepped);
      }
    }
    return [...known.values()];
  }
}

function latest({ keys }: Mind): KeyPair {
  return keys.at(-1) as KeyPair;
}

function renew(mind: Mind, suite: Suite): void {
  mind.keys.push(person(mind.id, suite, `${mind.id} ${mind.keys.length}`).keys);
}

function holds({ state }: Mind): boolean {
  return state?.key() !== undefined;
}

function secretOf(state: KeyHub | MemberState): Uint8Array | undefined {
  const { secret } = JSON.parse(JSON.stringify(state));
  return secret === null ? undefined : new Uint8Array(Buffer.from(secret, 'base64url'));
}

function contextOf({ announcement }: Epoch): Uint8Array {
  return epochContext(native, GROUP, bodyOf(announcement));
}

/** All that this person's private keys open, under their own name and under the one that it was meant for. */
function opened(mind: Mind, epoch: Epoch): Uint8Array[] {
  const context = contextOf(epoch);
  const { ephemeralKey } = decodeAnnouncement(epoch.announcement);
  const found: Uint8Array[] = [];
  for (const keys of mind.keys) {
    const own = native.agreements[keys.suite].load(keys.privateKey, keys.publicKey);
    for (const { to, wrap } of epoch.wraps) {
      for (const id of new Set([to, mind.id])) {
        const secret = openSecret(native, id, own, ephemeralKey, context, wrap);
        if (secret !== undefined) found.push(secret);
      }
    }
    for (const { to, envelope } of epoch.envelopes) {
      const rewrapContext = lengthPrefixed([utf8('ecdh-hub rewrap v1'), context, utf8(to)]);
      const open = () => found.push(unwrapKey(native, keys, decodeEnvelope(envelope), rewrapContext));
      expect(['none', 'unwrap-failed']).toContain(codeOf(open));
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

const runs = { 'P-384': 1, 'P-256': 2, X25519: 12 };

test.each(suites)('%s: exactly the members of an epoch can read it', (suite) => {
  checkHistories(suite, runs[suite]);
});

onlyInFullRun('long random histories of groups')('in many histories', () => {
  test.each(suites)('%s', { timeout: 300_000 }, (suite) => {
    checkHistories(suite, runs[suite] * 60);
  });
});

describe('by name', () => {
  test('a newcomer cannot read what was before, who was removed cannot read what comes after', () => {
    const group = new History('X25519');
    const kinds = ['join', 'join', 'remove', 'rekey', 'join'] as const;
    for (const [who, kind] of kinds.entries()) group.run({ do: kind, who, lost: -1, sameKeys: true });
    group.attack();
  });
});
