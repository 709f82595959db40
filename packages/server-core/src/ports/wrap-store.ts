/** Storage port for wraps, which `RoomStore.append` stores together with their epoch. */
import type { Fingerprint, RoomId } from '@chat/protocol';
import type { Deadline, Deletion } from './link-store.ts';
import type { FoundWrap, WrapSheet } from './wrap-sheet.ts';

/** Epochs of a room that follow each other, the first and the last one included. */
export interface EpochRange {
  readonly from: number;
  readonly to: number;
}

/** Wraps of which the recipient has stored the secrets. */
export interface WrapConfirmation extends EpochRange {
  readonly room: RoomId;
  readonly recipient: Fingerprint;
}

/** Finds and erases wraps. */
export interface WrapStore {
  /** Returns the wraps that wait for a recipient in these epochs, in order. */
  findWraps(roomId: RoomId, recipient: Fingerprint, epochs: EpochRange): Promise<readonly FoundWrap[]>;
  /** Returns the sheet of an epoch in which this recipient has a place, also when the wrap was erased; null when there is none. */
  findSheet(roomId: RoomId, recipient: Fingerprint, epochNumber: number): Promise<WrapSheet | null>;
  /** Erases confirmed wraps, so that the bytes are gone from the store's files. A sheet without a wrap is deleted. */
  confirmWraps(confirmations: readonly WrapConfirmation[]): Promise<void>;
  /** Deletes old sheets, except those of direct rooms with an invited user, whose invitation does not end. */
  expireWraps(deadline: Deadline): Promise<Deletion>;
}
