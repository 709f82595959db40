/** A room's end-to-end encrypted state as a pure state machine: entries in, state and events out. */

export { applyEntry, type LogItem } from './apply/apply.ts';
export { type AppliedBacklog, applyBacklog, type Interruptible, readBacklog } from './apply/backlog.ts';
export { mayWithdraw } from './apply/decision.ts';
export { countOwnMessage, judgeExpired } from './apply/gap.ts';
export { isValidChain } from './apply/key-renewal.ts';
export { type LateMessage, readLate } from './apply/late.ts';
export type { Applied } from './apply/step.ts';
export { acceptWrap, judgeWrap } from './apply/wrap.ts';
export { compareHead, type HeadComparison, viewBreach } from './author-view.ts';
export {
  type Author,
  composeCreate,
  composeDecline,
  composeJoin,
  composeLeave,
  composeMessage,
  composeRenewKey,
  makeKeyRenewal,
  messageBytes,
} from './compose/compose.ts';
export { composeRemove, composeRole } from './compose/decision.ts';
export { beginEpoch, composeEpoch, type EpochDraft, type Proposal } from './compose/epoch.ts';
export { composeHeartbeat, readHeartbeat } from './compose/heartbeat.ts';
export { composeInvite, type Invitee } from './compose/invitation.ts';
export { composeKnock, readKnock } from './compose/knock.ts';
export type {
  Domain,
  LinkedWrap,
  OpenedLink,
  OwnPrekey,
  RecipientLink,
  RoomCrypto,
  SenderLink,
  Signed,
  Signer,
  UnwrapFailure,
  UnwrappedKey,
} from './crypto.ts';
export { RoomError, type RoomErrorCode } from './errors.ts';
export {
  type ChangeEvent,
  isChange,
  isReadMessage,
  isSpoken,
  type NewerEvent,
  type ReadMessageEvent,
  type RoomEvent,
  type SpokenEvent,
  type UnreadableEvent,
  type ViolationCode,
} from './event.ts';
export { isKeyWornOut, keyExpiry, noteKeySeen, rekeyDue } from './keys/age.ts';
export { type Asker, composeKeyAnswer, mayHaveKey } from './keys/answer.ts';
export { hubOf, hubOrder, isRekeyPending, lacksKey, recipientsOf, rekeyReason } from './keys/hub.ts';
export { recoverPastSecrets } from './keys/past.ts';
export { type EpochPlace, linkContext, wrapContext } from './keys/schedule.ts';
export { currentSecret, type EpochSecret, eraseOldSecrets } from './keys/secret.ts';
export { linkOf, slotAt, slotRecipients, slotsCommitment } from './keys/slots.ts';
export { createRoomCrypto } from './library-crypto.ts';
export {
  invitedOf,
  isInvitationPending,
  isMember,
  isNewcomerPending,
  isPresent,
  isRemovalPending,
  mayRead,
  membersOf,
  wasRemoved,
} from './people.ts';
export {
  type AuthorChain,
  type Draft,
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
export { type MapChanges, UserMap } from './user-map.ts';
