/** All that a server keeps. */
import type { Ledger } from '@chat/mini-ca';
import type { Directory } from './directory.ts';
import type { PrekeyStore } from './prekey-store.ts';
import type { RoomStore } from './room-store.ts';

export interface Store extends RoomStore, Directory, PrekeyStore {
  /** What the server's CA has issued and revoked; passes `@chat/mini-ca/contract`. */
  readonly ledger: Ledger;
  /**
   * Resolves, with the reason, when the store has ended by itself and nothing that is asked of it can succeed any more.
   * MUST NOT resolve for anything that may pass, nor because of `close`. Never rejects.
   */
  readonly failed: Promise<Error>;
  /** Finishes what was begun and closes; nothing may be called after it. */
  close(): Promise<void>;
}
