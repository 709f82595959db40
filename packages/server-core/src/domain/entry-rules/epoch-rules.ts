/**
 * Rules of `epoch` and `message` entries. Epochs follow each other one by one; no message is appended between a removal and
 * the next epoch.
 */
import { type Fingerprint, type Payload, ProtocolError, type Wrap, wrapsDigest } from '@chat/protocol';
import type { EpochMark, Room, RoomChange } from '../../ports/room-store.ts';

/** Value of `previous` in a room's first epoch. */
const noHash = '0'.repeat(64);

/** Returns whether a user has left since the epoch was made. Until the next epoch that user could read new messages. */
const removalPending = (state: Room, epoch: EpochMark): boolean => state.removalSeq > epoch.answers;

/**
 * Returns whether an invited user, who may have joined since, has not received a key yet. Invited users can read messages
 * from their invitation on. Members would accept such a message; the server only settles the race.
 */
const invitationPending = ({ invited, members, membershipSeq }: Room, { answers }: EpochMark): boolean =>
  membershipSeq > answers &&
  (invited.some(({ seq }) => seq > answers) ||
    members.some(({ readsFrom, joinedAt }) => readsFrom > answers && readsFrom < joinedAt));

/** Returns why no message can be appended before the next epoch; null when one can. */
function rekeyReason(state: Room): string | null {
  const { epoch } = state;
  if (epoch === null) return 'The room has no key yet';
  if (removalPending(state, epoch)) return 'A member left and the key has not changed yet';
  return invitationPending(state, epoch) ? 'An invited user has not received a key yet' : null;
}

/**
 * Requires that the room's present key may encrypt messages and that it has encrypted this one.
 *
 * @throws ProtocolError `rekey-pending`, `stale-epoch` unless the message is encrypted under the room's present key
 */
export function admitMessage(state: Room, payload: Payload<'message'>): void {
  const { epoch } = state;
  const reason = rekeyReason(state);
  if (epoch === null || reason !== null) {
    throw new ProtocolError('rekey-pending', `${reason}: send the message again after the next epoch entry.`);
  }
  if (payload.epoch !== epoch.number) {
    throw new ProtocolError(
      'stale-epoch',
      `The message is encrypted for epoch ${payload.epoch} and the room is at ${epoch.number}: encrypt it again.`,
    );
  }
}

/**
 * Returns the effect of an epoch. Works as compare-and-set: when two hubs act on the same state, the server accepts one epoch
 * and refuses the other.
 *
 * @throws ProtocolError `epoch-conflict`, `wraps-mismatch`
 */
export function admitEpoch(
  state: Room,
  payload: Payload<'epoch'>,
  { hash, wraps }: { readonly hash: string; readonly wraps: readonly Wrap[] },
): RoomChange & { kind: 'epoch' } {
  const { epoch } = state;
  const conflict = (reason: string) =>
    new ProtocolError('epoch-conflict', `${reason}: read the log up to its head and make a new epoch from there.`);

  const next = (epoch?.number ?? 0) + 1;
  if (payload.number !== next) throw conflict(`The next epoch is number ${next}, not ${payload.number}`);
  if (payload.previous !== (epoch?.hash ?? noHash)) throw conflict('The epoch does not follow the present one');
  if (payload.answers !== state.membershipSeq) {
    throw conflict(`The latest change of members is at ${state.membershipSeq}, not at ${payload.answers}`);
  }
  const changed = epoch === null || payload.answers > epoch.answers;
  if ((payload.reason === 'membership') !== changed) {
    throw conflict(
      `The members ${changed ? 'have' : 'have not'} changed since the present key, and the reason says otherwise`,
    );
  }
  if (payload.kind === 'step' && !changed) throw conflict('No member was added: only a fresh key can follow this one');
  if (payload.kind === 'step' && (epoch === null || removalPending(state, epoch))) {
    throw conflict('A step needs a present key that no former member has; make a fresh key');
  }
  if (payload.past !== undefined && (state.policy.history !== 'all' || epoch === null)) {
    throw conflict('Only a room whose history is for all, and that has a key, passes on the secret before');
  }

  requireWraps(recipientsOf(state, payload), payload.wraps, wraps);
  return { kind: 'epoch', epoch: { number: payload.number, hash, answers: payload.answers }, wraps };
}

/** A fresh key has a wrap for each member and invited user; a step for newcomers only, as the others derive it. */
function recipientsOf(state: Room, { kind }: Payload<'epoch'>): Set<Fingerprint> {
  const since = kind === 'fresh' ? 0 : (state.epoch?.answers ?? 0);
  return new Set([
    ...state.members.filter((member) => member.joinedAt > since).map((member) => member.fingerprint),
    ...state.invited.filter((invited) => invited.seq > since).map((invited) => invited.fingerprint),
  ]);
}

/**
 * Requires that the wraps are those which the entry names, and that each is for a recipient. A recipient may have none: a hub
 * cannot wrap to a prekey that is not a valid key, and one such member must not be able to stop the room's rekeying.
 */
function requireWraps(recipients: Set<Fingerprint>, digest: string, wraps: readonly Wrap[]): void {
  if (wraps.some((wrap) => !recipients.has(wrap.to)) || wrapsDigest(wraps) !== digest) {
    throw new ProtocolError(
      'wraps-mismatch',
      `The ${wraps.length} wraps that you have put are not those that the entry names, or not for its recipients: put the wraps again, then append the entry.`,
    );
  }
}
