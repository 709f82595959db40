/** The hub: when a room needs a new epoch, which member makes it, and for whom. */
import type { Fingerprint, Payload, PublicIdentity, UserName } from '@chat/protocol';
import { isMembershipUnanswered, isPresent, isRemovalPending } from '../people.ts';
import type { Member, RoomState } from '../state.ts';
import { rekeyDue } from './age.ts';
import { mayHaveKey } from './answer.ts';
import { currentSecret } from './secret.ts';
import { slotRecipients } from './slots.ts';

/** True when the latest epoch was made for the local user and the client does not have its secret. */
export const lacksKey = (state: RoomState): boolean =>
  isPresent(state) &&
  state.epoch !== null &&
  state.epochs[state.epoch.number] !== undefined &&
  mayHaveKey(state, state.me) &&
  currentSecret(state) === null;

/** True while the room has members and no epoch answers the latest membership change. */
export const isRekeyPending = (state: RoomState): boolean => state.members.size > 0 && isMembershipUnanswered(state);

/**
 * Returns why the room needs a new epoch; null when it needs none.
 *
 * @param now milliseconds since 1970
 */
export function rekeyReason(state: RoomState, now: number): Payload<'epoch'>['reason'] | null {
  if (isRekeyPending(state)) return 'membership';
  return lacksKey(state) ? 'lost-key' : rekeyDue(state, now);
}

/** Returns the fingerprints of those who act last. */
function actingLast(state: RoomState): readonly Fingerprint[] {
  const { actLast = [], epoch } = state;
  return epoch !== null && lacksKey(state) ? [...actLast, epoch.author] : actLast;
}

/**
 * Returns the members that make the next epoch, in the order in which they try: first online members for whom the latest
 * epoch was made, the longest online first, then online newcomers, who can only make a fresh key. Last come those in `actLast`
 * and, while the local user lacks the key of the latest epoch, its author: another key of that author may be lacking too.
 *
 * @param online the names that the server reports, the longest online first. The server thereby influences which member acts
 * first, never who may read
 */
export function hubOrder(state: RoomState, online: readonly UserName[]): readonly Member[] {
  const answered = state.epoch?.answers ?? 0;
  const acting = actingLast(state);
  const [recipients, newcomers, last]: [Member[], Member[], Member[]] = [[], [], []];
  for (const user of new Set(online)) {
    const member = state.members.named(user);
    if (member === null) continue;
    if (acting.includes(member.fingerprint)) last.push(member);
    else (member.readsFrom <= answered ? recipients : newcomers).push(member);
  }
  return [...recipients, ...newcomers, ...last];
}

/**
 * Returns the first member of `hubOrder`, who is the hub; null when no member is online. It is found without the order of all: a
 * client asks after each entry.
 */
export function hubOf(state: RoomState, online: readonly UserName[]): Member | null {
  const answered = state.epoch?.answers ?? 0;
  const acting = actingLast(state);
  let newcomer: Member | null = null;
  let last: Member | null = null;
  for (const user of online) {
    const member = state.members.named(user);
    if (member === null) continue;
    if (acting.includes(member.fingerprint)) last ??= member;
    else if (member.readsFrom <= answered) return member;
    else newcomer ??= member;
  }
  return newcomer ?? last;
}

/**
 * True when the next epoch is a step, whose secret only newcomers need. After a departure, or when this client lacks the
 * latest secret, the next epoch is fresh. A step does not reset the age of the key, so joins must not delay a fresh key that
 * is due.
 */
export const isStep = (state: RoomState, now: number): boolean =>
  isRekeyPending(state) && currentSecret(state) !== null && !isRemovalPending(state) && rekeyDue(state, now) === null;

/**
 * Returns the users to whom the next epoch is wrapped if this member makes it at `now`, in the order of their slots. This member
 * is among them and needs no wrap. Returns none when the room needs no new epoch. A recipient's prekey must be signed with `key`.
 *
 * @param now milliseconds since 1970
 */
export function recipientsOf(state: RoomState, now: number): readonly PublicIdentity[] {
  return rekeyReason(state, now) === null ? [] : slotRecipients(state, isStep(state, now) ? 'step' : 'fresh');
}
