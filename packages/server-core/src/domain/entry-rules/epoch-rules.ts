/** When a room's key may change, and under which key messages are taken: one epoch at a time, none after a removal. */
import { type Fingerprint, type Payload, ProtocolError, type Wrap, wrapsDigest } from '@chat/protocol';
import type { EpochMark, Room, RoomChange } from '../../ports/room-store.ts';

/** The hash before the first epoch. */
const noHash = '0'.repeat(64);

/** Whether somebody has gone since the key was made: until it changes, they could read on. */
const removalPending = (state: Room, epoch: EpochMark): boolean => state.removalSeq > epoch.answers;

/**
 * Whether somebody was invited, and may have joined, whom no key has been given to since. They are promised what is said
 * from their invitation on. Members would take such a message, so this only settles the race.
 */
const invitationPending = ({ invited, members, membershipSeq }: Room, { answers }: EpochMark): boolean =>
  membershipSeq > answers &&
  (invited.some(({ seq }) => seq > answers) ||
    members.some(({ readsFrom, joinedAt }) => readsFrom > answers && readsFrom < joinedAt));

/** Why nothing can be said before there is another key; null when it can. */
function keyWanted(state: Room): string | null {
  const { epoch } = state;
  if (epoch === null) return 'The room has no key yet';
  if (removalPending(state, epoch)) return 'Somebody left and the key has not changed yet';
  return invitationPending(state, epoch) ? 'Somebody was invited and has not been given a key yet' : null;
}

/** Throws unless the message is under the room's present key. */
export function admitMessage(state: Room, payload: Payload<'message'>): void {
  const { epoch } = state;
  const reason = keyWanted(state);
  if (epoch === null || reason !== null) {
    throw new ProtocolError('rekey-pending', `${reason}: send it again after the next epoch entry.`);
  }
  if (payload.epoch !== epoch.number) {
    throw new ProtocolError(
      'stale-epoch',
      `The message is encrypted for epoch ${payload.epoch} and the room is at ${epoch.number}: encrypt it again.`,
    );
  }
}

/** Compare and set: of two hubs that act on the same state one wins, and the other is told. */
export function admitEpoch(
  state: Room,
  payload: Payload<'epoch'>,
  hash: string,
  wraps: readonly Wrap[],
): RoomChange & { kind: 'epoch' } {
  const { epoch } = state;
  const conflict = (what: string) =>
    new ProtocolError('epoch-conflict', `${what}: read the log up to its head and make a new epoch from there.`);

  const next = (epoch?.number ?? 0) + 1;
  if (payload.number !== next) throw conflict(`The next epoch is number ${next}, not ${payload.number}`);
  if (payload.previous !== (epoch?.hash ?? noHash)) throw conflict('The epoch does not follow the present one');
  if (payload.answers !== state.membershipSeq) {
    throw conflict(`The latest change of members is at ${state.membershipSeq}, not at ${payload.answers}`);
  }
  const changed = epoch === null || payload.answers > epoch.answers;
  if ((payload.reason === 'membership') !== changed) {
    throw conflict(
      `The members ${changed ? 'have' : 'have not'} changed since the present key, and the reason differs`,
    );
  }
  if (payload.kind === 'step' && !changed) throw conflict('Nobody came: only a fresh key can follow this one');
  if (payload.kind === 'step' && (epoch === null || removalPending(state, epoch))) {
    throw conflict('A step needs a key to step from, and one that nobody who left has; make a fresh key');
  }
  if (payload.past !== undefined && (state.policy.history !== 'all' || epoch === null)) {
    throw conflict('The secret before is handed on where the history is for all, and there is one');
  }

  requireWraps(recipientsOf(state, payload), payload.wraps, wraps);
  return { kind: 'epoch', epoch: { number: payload.number, hash, answers: payload.answers }, wraps };
}

/** A fresh key is for everyone; a step only for who came since, as the others take the step themselves. */
function recipientsOf(state: Room, { kind }: Payload<'epoch'>): Set<Fingerprint> {
  const since = kind === 'fresh' ? 0 : (state.epoch?.answers ?? 0);
  return new Set([
    ...state.members.filter((member) => member.joinedAt > since).map((member) => member.fingerprint),
    ...state.invited.filter((invited) => invited.seq > since).map((invited) => invited.fingerprint),
  ]);
}

/**
 * The wraps that came are the ones that the entry names, and for nobody else. A recipient may be without one: a hub has
 * none for a prekey that is no key, and demanding it would let one such member keep the room from ever changing its key.
 */
function requireWraps(recipients: Set<Fingerprint>, digest: string, wraps: readonly Wrap[]): void {
  if (wraps.some((wrap) => !recipients.has(wrap.to)) || wrapsDigest(wraps) !== digest) {
    throw new ProtocolError(
      'wraps-mismatch',
      `The ${wraps.length} wraps that came are not those that the entry names, for people who need one: put the wraps again, then append the entry.`,
    );
  }
}
