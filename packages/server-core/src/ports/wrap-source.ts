/** The wraps that a session has put for an epoch entry which it is about to append. */
import type { Payload, RoomId } from '@chat/protocol';
import type { SheetHashes, WrapList } from './wrap-sheet.ts';

/** Which epoch of which room. */
export interface StagedEpoch extends Pick<Payload<'epoch'>, 'number' | 'kind'> {
  readonly room: RoomId;
}

/** Wraps that were put, and their hashes. */
export interface StagedList extends WrapList {
  readonly hashes: SheetHashes;
}

/** Gives out the wraps that a session has staged. */
export interface WrapSource {
  /** Removes and returns the wraps of an epoch, with the recipients for whom they were put; null when the session has put none. */
  take(epoch: StagedEpoch): StagedList | null;
}
