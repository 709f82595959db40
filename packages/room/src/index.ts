/** A room's end-to-end state as a pure state machine: entries in, {state, events} out. */

export type { Applied } from './apply/step.ts';
export { applyEntry } from './apply.ts';
export { type AppliedBacklog, applyBacklog } from './backlog.ts';
export { type Author, composeCreate, composeJoin, composeLeave, composeMessage } from './compose.ts';
export { composeRemove, composeRole } from './compose-decision.ts';
export type { Domain, Prekey, RoomCrypto, Signer } from './crypto.ts';
export { RoomError, type RoomErrorCode } from './errors.ts';
export type { RoomEvent, ViolationCode } from './event.ts';
export { composeEpoch, hubOrder, lacksKey, type Proposal, rekeyPending, rekeyReason } from './hub.ts';
export { keyExpiry, noteKeySeen, rekeyDue } from './key-age.ts';
export { createRoomCrypto } from './library-crypto.ts';
export { acceptWrap, currentSecret, eraseOldSecrets } from './secret.ts';
export {
  type Epoch,
  emptyRoom,
  isMember,
  isPresent,
  type Member,
  membersOf,
  type Removal,
  type RoomState,
  removalPending,
  wasRemoved,
} from './state.ts';
