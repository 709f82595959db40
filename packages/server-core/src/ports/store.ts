/** Storage port for everything that a server stores. */
import type { Ledger } from '@chat/mini-ca';
import type { BlobStore } from './blob-store.ts';
import type { DamagedRow } from './damage.ts';
import type { Directory } from './directory.ts';
import type { LinkStore } from './link-store.ts';
import type { Maintenance } from './maintenance.ts';
import type { PrekeyStore } from './prekey-store.ts';
import type { RecoveryStore } from './recovery-store.ts';
import type { RetentionStore } from './retention-store.ts';
import type { RoomStore } from './room-store.ts';
import type { WrapStore } from './wrap-store.ts';

/** The store of a server. */
export interface Store
  extends RoomStore,
    Directory,
    PrekeyStore,
    LinkStore,
    WrapStore,
    Maintenance,
    RetentionStore,
    RecoveryStore {
  /** The blobs of rooms and users. */
  readonly blobs: BlobStore;
  /** Certificates and revocations of the server's CA. It passes `@chat/mini-ca/contract`. */
  readonly ledger: Ledger;
  /**
   * Resolves with the reason when the store has ended by itself, so that no call can succeed any more. MUST NOT resolve for
   * a failure that may pass, nor because of `close`. Never rejects.
   */
  readonly failed: Promise<Error>;
  /**
   * Calls the listener, in place of the one before, with each damaged row that a call meets, before that call settles. Rows that are
   * only left out of a result are reported too. It is called again when another call meets the same row.
   */
  watchDamage(listener: (row: DamagedRow) => void): void;
  /** Finishes pending calls and closes the store. Nothing may be called afterwards. */
  close(): Promise<void>;
}
