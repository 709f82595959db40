/** A room's end-to-end state as a pure state machine: entries in, {state, events} out. */

export type { Applied } from './apply/step.ts';
export { applyEntry } from './apply.ts';
export { type Author, composeCreate, composeJoin, composeLeave, composeMessage } from './compose.ts';
export type { Domain, Prekey, RoomCrypto, Signer } from './crypto.ts';
export { RoomError, type RoomErrorCode } from './errors.ts';
export type { RoomEvent, ViolationCode } from './event.ts';
export { composeEpoch, hubOrder, lacksKey, type Proposal, rekeyPending } from './hub.ts';
export { createRoomCrypto } from './library-crypto.ts';
export { acceptWrap, currentSecret } from './secret.ts';
export {
  type Epoch,
  emptyRoom,
  isMember,
  isPresent,
  type Member,
  membersOf,
  type RoomState,
  removalPending,
} from './state.ts';
