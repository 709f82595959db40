/** A room's end-to-end state as a pure state machine: entries in, {state, events} out. */

export type { Applied } from './apply/step.ts';
export { applyEntry } from './apply.ts';
export { type AppliedBacklog, applyBacklog, readBacklog } from './backlog.ts';
export { type Author, composeCreate, composeJoin, composeLeave, composeMessage } from './compose.ts';
export { composeRemove, composeRole } from './compose-decision.ts';
export { beginEpoch, composeEpoch, type EpochDraft, type Prekeys, type Proposal } from './compose-epoch.ts';
export { composeInvite, type Invitee } from './compose-invitation.ts';
export type { Domain, Prekey, RoomCrypto, Signer } from './crypto.ts';
export { RoomError, type RoomErrorCode } from './errors.ts';
export type { RoomEvent, ViolationCode } from './event.ts';
export { hubOrder, lacksKey, type Recipient, recipientsOf, rekeyPending, rekeyReason } from './hub.ts';
export { keyExpiry, noteKeySeen, rekeyDue } from './key-age.ts';
export { composeKeyAnswer, mayHaveKey } from './key-answer.ts';
export { composeKnock, type Knocker, readKnock } from './knock.ts';
export { createRoomCrypto } from './library-crypto.ts';
export { unlockPast } from './past.ts';
export { acceptWrap, currentSecret, eraseOldSecrets } from './secret.ts';
export {
  invitationPending,
  invitedOf,
  isMember,
  isPresent,
  membersOf,
  reads,
  removalPending,
  wasRemoved,
} from './standing.ts';
export {
  type Epoch,
  emptyRoom,
  type Invitation,
  type Member,
  type Removal,
  type Revocation,
  type RoomOptions,
  type RoomState,
} from './state.ts';
export { viewBreach } from './view.ts';
