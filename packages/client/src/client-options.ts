/** What a `ChatClient` is made of. */
import type { SegmentFiles } from '@chat/message-store';
import type { UserName } from '@chat/protocol';
import type { RoomCrypto, Signer } from '@chat/room';
import type { Transport } from './connection/transport.ts';
import type { KnownAuthorities } from './context.ts';
import type { EntryArchive } from './entry-archive.ts';
import type { TransferFiles } from './files/transfer-files.ts';
import type { BackupSupport } from './recovery/client-recovery.ts';
import type { Scheduler } from './scheduler.ts';
import type { Stored, Vault } from './storage/stored-state.ts';

/**
 * How a renewal of the identity key stands that an earlier run has begun. `finished`: the client has the new key. `unfinished`: the
 * server has not answered, so the client has the key before, and the next opening asks again. `refused`: the key before stays.
 */
export type BegunRenewal = 'finished' | 'unfinished' | 'refused';

/** The parts of a client. */
export interface ChatClientOptions {
  readonly user: UserName;
  /** The user's identity key. */
  readonly signer: Signer;
  readonly crypto: RoomCrypto;
  readonly scheduler: Scheduler;
  readonly transport: Transport;
  /** The certificate authority against which `transport` verifies the server. */
  readonly authority: KnownAuthorities;
  /** Where the client stores its state. */
  readonly vault: Vault;
  /** Keeps the recent entries of the rooms. Default: in memory, until the program ends. */
  readonly archive?: EntryArchive;
  /** The files of the messages that were read. Default: in memory, until the program ends. */
  readonly segments?: SegmentFiles;
  /** The disk for files that are sent and saved. Default: none, so that the client sends and saves no files. */
  readonly transferFiles?: TransferFiles;
  /** What backups for a recovery phrase need. Default: none are made. */
  readonly backups?: BackupSupport;
  /** The token of an enrolment invitation, which is used only if the server has lost the user's account. Default: none. */
  readonly invitation?: string | undefined;
  /** Default: no earlier run has begun a renewal, or it was finished before. */
  readonly begunRenewal?: BegunRenewal | undefined;
  /** The state that `vault` has stored. */
  readonly stored: Stored;
}
