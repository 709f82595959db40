/** The wraps that a session has put for an epoch entry which it is about to append. */
import type { RoomId, Wrap } from '@chat/protocol';

/** Gives out the wraps that a session has staged. */
export interface WrapSource {
  /** Removes and returns the wraps of this epoch of this room; empty when the session has put none. */
  take(roomId: RoomId, epochNumber: number): readonly Wrap[];
}
