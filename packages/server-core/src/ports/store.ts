/** All that a server keeps. */
import type { Directory } from './directory.ts';
import type { RoomStore } from './room-store.ts';

export interface Store extends RoomStore, Directory {
  /** Finishes what was begun and closes; nothing may be called after it. */
  close(): Promise<void>;
}
