/** Answers key requests: which members may have the latest epoch secret, and the wrap that a key answer carries. */
import type { Fingerprint } from '@chat/protocol';
import type { LinkedWrap, SenderLink } from '../crypto.ts';
import type { RoomState } from '../state.ts';
import { wrapContext } from './schedule.ts';
import { currentSecret } from './secret.ts';

/** True when the latest epoch was made for this user too, as a member or invited user at the membership that it answers. */
export function mayHaveKey({ members, invited, epoch }: RoomState, fingerprint: Fingerprint): boolean {
  const from = members.get(fingerprint)?.readsFrom ?? invited.get(fingerprint)?.seq;
  return epoch !== null && from !== undefined && from <= epoch.answers;
}

/** A recipient of a key answer. */
export interface Asker {
  /** Fingerprint of the recipient's identity key. */
  readonly to: Fingerprint;
  /** This client's link to that user. */
  readonly link: SenderLink;
}

/**
 * Wraps the secret of the latest epoch to a member who has requested it.
 *
 * @returns null when the epoch was not made for that member, or when this client lacks the secret
 */
export function composeKeyAnswer(state: RoomState, { to, link }: Asker): LinkedWrap | null {
  const current = currentSecret(state);
  if (current === null || !mayHaveKey(state, to)) return null;
  return link.wrap(current.secret, wrapContext({ roomId: state.room, epochNumber: current.epochNumber }));
}
