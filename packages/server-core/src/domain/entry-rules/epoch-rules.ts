/**
 * Rules of `epoch` and `message` entries. Epochs follow each other one by one; no message is appended between a removal and
 * the next epoch.
 */
import { type Identity, limits, type Payload, ProtocolError } from '@chat/protocol';
import type { EpochMark, Room, RoomChange } from '../../ports/room-store.ts';
import type { WrapSheet } from '../../ports/wrap-sheet.ts';
import { putWraps, recipientsOf, type StagedSlots } from './epoch-wraps.ts';

/**
 * By how much a member may measure the age of a key longer than the server before an epoch for it counts as early: a clock was set. An
 * honest member begins to measure later than the server.
 */
const clockToleranceMs = 10 * 60 * 1_000;

/** The effect of an epoch, and what its author may do only now and then. */
export interface AdmittedEpoch {
  readonly change: RoomChange & { readonly kind: 'epoch' };
  /** True when neither the members nor the log require this epoch: it claims a lost key, or an age that the key does not have. */
  readonly unforced: boolean;
  /** True when the author lacks the key of the epoch before. */
  readonly lostKey: boolean;
  /** The recipients without a wrap. */
  readonly leftOut: readonly Identity[];
}

/** An epoch that is appended. */
export interface PlacedEpoch {
  readonly hash: string;
  /** What its author has put. Null for an epoch that members give back: its wraps were lost with it. */
  readonly wraps: StagedSlots | null;
  /** Milliseconds. */
  readonly now: number;
}

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
 * @throws ProtocolError `entry-refused`, `epoch-conflict`, `wraps-mismatch`
 */
export function admitEpoch(state: Room, payload: Payload<'epoch'>, { hash, wraps, now }: PlacedEpoch): AdmittedEpoch {
  const { epoch } = state;
  const conflict = (reason: string) =>
    new ProtocolError('epoch-conflict', `${reason}: read the log up to its head and make a new epoch from there.`);

  if (payload.v === 1 && (wraps !== null || epoch?.v === 2)) {
    throw new ProtocolError(
      'entry-refused',
      'The epoch was made by a version of the client that does not wrap its key over links: update the client.',
    );
  }
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
  if (payload.reason === 'count' && entriesUnderKey(state) < limits.freshKeyEntries) {
    throw conflict(`The log has grown by ${entriesUnderKey(state)} entries since the latest fresh key`);
  }
  if (payload.kind === 'step' && !changed) throw conflict('No member was added: only a fresh key can follow this one');
  if (payload.kind === 'step' && (epoch === null || removalPending(state, epoch))) {
    throw conflict('A step needs a present key that no former member has; make a fresh key');
  }
  if (payload.kind === 'step' && payload.v !== epoch?.v) {
    throw conflict('The present key was not wrapped over links, so none is derived from it; make a fresh key');
  }
  if (payload.past !== undefined && (state.policy.history !== 'all' || epoch === null)) {
    throw conflict('Only a room whose history is for all, and that has a key, passes on the secret before');
  }

  const recipients = recipientsOf(state, payload.kind);
  const put =
    wraps === null
      ? { sheets: [] as WrapSheet[], leftOut: recipients.identities }
      : putWraps(recipients, payload, wraps);
  const fresh =
    payload.kind === 'step' && epoch !== null
      ? { freshSeq: epoch.freshSeq, freshAt: epoch.freshAt }
      : { freshSeq: state.head + 1, freshAt: now };
  return {
    change: {
      kind: 'epoch',
      epoch: { number: payload.number, v: payload.v, hash, answers: payload.answers, ...fresh },
      sheets: put.sheets,
    },
    unforced: isUnforced(state, payload, now),
    lostKey: payload.reason === 'lost-key',
    // The author needs no wrap.
    leftOut: put.leftOut.filter(({ user }) => user !== payload.author),
  };
}

const entriesUnderKey = ({ head, epoch }: Room): number => head - (epoch?.freshSeq ?? 0);

/**
 * Members measure the age of a key by their own clocks, and a wrong clock may cost one additional epoch. So the server does not
 * refuse what its clock does not confirm; `Rooms` only counts it.
 */
function isUnforced(state: Room, { reason }: Payload<'epoch'>, now: number): boolean {
  if (reason === 'lost-key') return true;
  // Members write nothing under a key that was not wrapped over links, so its successor needs no other reason.
  if (reason === 'age' && state.epoch?.v === 1) return false;
  const ageMs = now - (state.epoch?.freshAt ?? 0);
  return reason === 'age' && (entriesUnderKey(state) === 0 || ageMs < limits.freshKeyAge - clockToleranceMs);
}
