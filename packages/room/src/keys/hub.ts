/** The hub's duty: when the room needs a new key, who makes it, and who is to have it. */
import type { Fingerprint, Payload, UserName } from '@chat/protocol';
import { invitedOf, isPresent, membershipChanged, membersOf, removalPending } from '../people.ts';
import type { Member, RoomState } from '../state.ts';
import { rekeyDue } from './age.ts';
import { mayHaveKey } from './answer.ts';
import { currentSecret } from './secret.ts';

/** Whether the latest epoch was made for us too, and its key has not reached us. */
export const lacksKey = (state: RoomState): boolean =>
  isPresent(state) &&
  state.epoch !== null &&
  state.epochs[state.epoch.number] !== undefined &&
  mayHaveKey(state, state.me) &&
  currentSecret(state) === null;

/** Whether the membership has changed and no epoch has answered it yet. */
export const rekeyPending = (state: RoomState): boolean => membersOf(state).length > 0 && membershipChanged(state);

/** Why the room needs a new key now; null when it needs none. `now` is in ms. */
export function rekeyReason(state: RoomState, now: number): Payload<'epoch'>['reason'] | null {
  if (rekeyPending(state)) return 'membership';
  return lacksKey(state) ? 'lost-key' : rekeyDue(state, now);
}

/**
 * Who acts, in order: the members who are online and were given the last key, the longest online first, then newcomers, who
 * can only give the room a fresh one.
 *
 * @param online as the server says, in order of arrival: its word decides who acts first, never who may read
 */
export function hubOrder(state: RoomState, online: readonly UserName[]): readonly Member[] {
  const named = new Map(membersOf(state).map((member) => [member.user, member]));
  const present = [...new Set(online)].flatMap((user) => named.get(user) ?? []);
  const answered = state.epoch?.answers ?? 0;
  return [
    ...present.filter((member) => member.readsFrom <= answered),
    ...present.filter((member) => member.readsFrom > answered),
  ];
}

/**
 * Whether the next key follows from the one before, so that only newcomers need it. After a removal it does not, nor when a
 * member makes it who lacks the one before. A step leaves the key as old as it was, so joins must not put off the fresh one
 * that is due.
 */
export const isStep = (state: RoomState, now: number): boolean =>
  rekeyPending(state) && currentSecret(state) !== null && !removalPending(state) && rekeyDue(state, now) === null;

/** Somebody to whom the next key is to be wrapped: a member, or one who is invited. */
export interface Recipient {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** SubjectPublicKeyInfo of the identity key, base64url: what their prekey must be signed with. */
  readonly key: string;
}

/**
 * Whose prekeys the next epoch needs, when this member makes it at `now` (ms): newcomers', or everybody's, our own included.
 * Nobody's when the room needs no new key.
 */
export function recipientsOf(state: RoomState, now: number): readonly Recipient[] {
  if (rekeyReason(state, now) === null) return [];
  const after = isStep(state, now) ? (state.epoch?.answers ?? 0) : 0;
  const members = membersOf(state).filter(({ joinedAt }) => joinedAt > after);
  const invited = invitedOf(state).filter(({ seq }) => seq > after);
  return [...members, ...invited].map(({ user, fingerprint, key }) => ({ user, fingerprint, key }));
}
