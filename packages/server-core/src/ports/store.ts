/** All that a server keeps. */
import type { Directory } from './directory.ts';
import type { RoomStore } from './room-store.ts';

export interface Store extends RoomStore, Directory {
  /**
   * Resolves, with the reason, when the store has ended by itself and nothing that is asked of it can succeed any more.
   * MUST NOT resolve for anything that may pass, nor because of `close`. Never rejects.
   */
  readonly failed: Promise<Error>;
  /** Finishes what was begun and closes; nothing may be called after it. */
  close(): Promise<void>;
}
