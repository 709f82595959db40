/** Shared by the tests of groups: users with keys, a group of them, and the wrap of each member. */
import type { EpochWrap, KeyPair, Member, NextEpoch, Suite } from '../../src/index.ts';
import { KeyHub, MemberState } from '../../src/index.ts';
import { seededKeys, seededRandom } from './setting.ts';

export const groupName = 'room 7';

/** A user with a key pair. */
export interface TestUser {
  readonly id: string;
  readonly keys: KeyPair;
  readonly member: Member;
}

/** Returns a user whose keys are determined by `seed`. */
export function testUser(id: string, suite: Suite = 'X25519', seed = id): TestUser {
  const keys = seededKeys(suite, seed);
  return { id, keys, member: { id, publicKey: keys.publicKey } };
}

export function testUsers(count: number, suite: Suite = 'X25519'): TestUser[] {
  return Array.from({ length: count }, (_, i) => testUser(`user-${i}`, suite));
}

export function createGroup(founders: readonly TestUser[], suite: Suite = 'X25519', seed = 'create'): NextEpoch {
  return KeyHub.create({ name: groupName, suite, members: founders.map(({ member }) => member) }, seededRandom(seed));
}

export function wrapFor(id: string, wraps: readonly EpochWrap[]): Uint8Array | undefined {
  return wraps.find(({ to }) => to === id)?.wrap;
}

/** Returns the states of the founders after the first epoch. */
export function founded(founders: readonly TestUser[], { announcement, wraps }: NextEpoch): MemberState[] {
  return founders.map(
    ({ id, keys }) => MemberState.found(groupName, id, keys).apply(announcement, wrapFor(id, wraps)).member,
  );
}

/** Returns the state of a member after an epoch, which it applies with its own wrap. */
export function after(member: MemberState, { announcement, wraps }: NextEpoch): MemberState {
  return member.apply(announcement, wrapFor(member.id, wraps)).member;
}
