/** A room's end-to-end encrypted state as a pure state machine: entries in, state and events out. */

export { applyEntry, type LogItem } from './apply/apply.ts';
export { type AppliedBacklog, applyBacklog, type Interruptible, readBacklog } from './apply/backlog.ts';
export { mayWithdraw } from './apply/decision.ts';
export { countOwnMessage, judgeExpired } from './apply/gap.ts';
export type { Applied } from './apply/step.ts';
export { acceptWrap, type ReceivedWrap } from './apply/wrap.ts';
export { compareHead, type HeadComparison, viewBreach } from './author-view.ts';
export {
  type Author,
  composeCreate,
  composeDecline,
  composeJoin,
  composeLeave,
  composeMessage,
  messageBytes,
} from './compose/compose.ts';
export { composeRemove, composeRole } from './compose/decision.ts';
export { beginEpoch, composeEpoch, type EpochDraft, type Prekeys, type Proposal } from './compose/epoch.ts';
export { composeHeartbeat, readHeartbeat } from './compose/heartbeat.ts';
export { composeInvite, type Invitee } from './compose/invitation.ts';
export { composeKnock, readKnock } from './compose/knock.ts';
export type { Domain, Prekey, RoomCrypto, Signed, Signer } from './crypto.ts';
export { RoomError, type RoomErrorCode } from './errors.ts';
export type { RoomEvent, ViolationCode } from './event.ts';
export { isKeyWornOut, keyExpiry, noteKeySeen, rekeyDue } from './keys/age.ts';
export { composeKeyAnswer, mayHaveKey } from './keys/answer.ts';
export { hubOf, hubOrder, isRekeyPending, lacksKey, recipientsOf, rekeyReason } from './keys/hub.ts';
export { recoverPastSecrets } from './keys/past.ts';
export { currentSecret, type EpochSecret, eraseOldSecrets } from './keys/secret.ts';
export type { WrapRecipient } from './keys/wrap.ts';
export { createRoomCrypto } from './library-crypto.ts';
export {
  invitedOf,
  isInvitationPending,
  isMember,
  isPresent,
  isRemovalPending,
  mayRead,
  membersOf,
  wasRemoved,
} from './people.ts';
export {
  type AuthorChain,
  type Epoch,
  emptyRoom,
  type Invitation,
  type Member,
  type Removal,
  type Revocation,
  type RoomOptions,
  type RoomState,
  restoredRoom,
  withAuthorities,
} from './state.ts';
export { UserMap } from './user-map.ts';
