/** The recovery of one client: registers the key of the recovery phrase, and makes backups some minutes after what is stored has changed. */
import { fingerprintOfKey, ProtocolError, type ResultOf, recoveryKeyStatement, toBase64url } from '@chat/protocol';
import type { Signer } from '@chat/room';
import { ClientError, type Explanation, explain, isDisconnection } from '../errors.ts';
import type { ClientEvent } from '../events.ts';
import type { StoredBackup, StoredRecovery } from '../storage/stored-recovery.ts';
import type { BackupCipher } from './backup-format.ts';
import { markOf } from './backup-state.ts';
import { type BackupSource, type SealedSegments, uploadBackup } from './backup-upload.ts';

/** Time from a change to a backup, so that one has what belongs together. */
const quietMs = 3 * 60_000;
/** The shortest time between two backups that the user has not asked for. */
const intervalMs = 10 * 60_000;
/** The time from a login, or a failure, to a backup that is due. */
const startMs = 60_000;
/** A client that has run for so long makes a backup at its end, if the latest one is older than that. */
const longRunMs = 60_000;
/** How long a client that ends waits for its backup. */
const patienceMs = 10_000;

/** What the platform gives: encryption, and the files of the messages. */
export interface BackupSupport {
  /** @param key of 32 bytes */
  readonly cipherOf: (key: string) => BackupCipher;
  readonly segments: SealedSegments;
}

/** The parts of a client's recovery. */
export interface ClientRecoveryOptions
  extends Pick<BackupSource, 'user' | 'serverId' | 'scheduler' | 'request' | 'snapshot'> {
  readonly signer: Signer;
  readonly support: BackupSupport | null;
  /** Stores everything now. */
  save(): Promise<void>;
  emit(event: ClientEvent): void;
}

/** How the recovery of a user stands. */
export interface RecoveryState {
  /** When the phrase was made, in ms since 1970 by the clock of the machine where it was made. */
  readonly madeAt: number;
  /** The latest backup; null before the first. */
  readonly latest: Omit<StoredBackup, 'hash' | 'mark'> | null;
  /** Why the latest attempt failed; null if it did not. */
  readonly failure: Explanation | null;
}

const shownOf = ({ number, at, bytes, left }: StoredBackup) => ({ number, at, bytes, left });

const noPhrase = (): ClientError =>
  new ClientError(
    'no-recovery-phrase',
    'You have no recovery phrase, so there are no backups: make one with "chat recovery new".',
  );

/** The recovery of one client. */
export class ClientRecovery {
  readonly #options: ClientRecoveryOptions;
  #stored: StoredRecovery | null;
  #failure: Explanation | null = null;
  #reported: string | null = null;
  #running: Promise<void> | null = null;
  #onlineSince: number | null = null;
  #cancelNext: (() => void) | null = null;

  /** @param stored undefined without a recovery phrase */
  constructor(options: ClientRecoveryOptions, stored: StoredRecovery | undefined) {
    this.#options = options;
    this.#stored = stored ?? null;
  }

  /** What is stored. */
  get stored(): StoredRecovery | undefined {
    return this.#stored ?? undefined;
  }

  /** Returns how the recovery stands; null without a recovery phrase. */
  state(): RecoveryState | null {
    if (this.#stored === null) return null;
    const { madeAt, latest } = this.#stored;
    return { madeAt, latest: latest === null ? null : shownOf(latest), failure: this.#failure };
  }

  /**
   * Makes a backup now. Resolves when the server has all of it.
   *
   * @throws ClientError `no-recovery-phrase`, `backup-too-large`, `offline`, `timed-out`
   * @throws ProtocolError the server's refusal
   */
  async backUp(): Promise<RecoveryState> {
    // One that runs may have begun before what the caller wants to have in it.
    await this.#running?.catch(() => undefined);
    await this.#run();
    const state = this.state();
    if (state === null) throw noPhrase();
    return state;
  }

  /**
   * Ends the recovery: the server erases the backup, and the phrase opens nothing any more.
   *
   * @throws ClientError `no-recovery-phrase`, `offline`
   */
  async end(): Promise<void> {
    if (this.#stored === null) throw noPhrase();
    await this.#running?.catch(() => undefined);
    await this.#options.request('end-recovery', {});
    this.#stop();
    this.#stored = null;
    await this.#options.save();
  }

  /** To be called when something is stored. */
  changed(): void {
    if (this.#stored !== null && this.#onlineSince !== null && this.#running === null) this.#plan(quietMs);
  }

  /** To be called after each login. */
  connected(): void {
    this.#onlineSince ??= this.#options.scheduler.now();
    if (this.#stored !== null) this.#plan(startMs);
  }

  /** To be called when the connection is lost. */
  disconnected(): void {
    this.#stop();
    this.#onlineSince = null;
  }

  /** To be called before the connection is closed: makes the last backup if one is due. Null if there is nothing to wait for. */
  finish(): Promise<void> | null {
    this.#cancelNext?.();
    this.#cancelNext = null;
    const { scheduler } = this.#options;
    if (this.#stored === null || this.#onlineSince === null) return null;
    const isLong = scheduler.now() - this.#onlineSince >= longRunMs;
    if (this.#running === null && !this.#isDue(isLong ? longRunMs : intervalMs)) return null;
    const last = this.#running ?? this.#run();
    return new Promise((resolve) => {
      const cancel = scheduler.after(patienceMs, resolve);
      const end = () => {
        cancel();
        resolve();
      };
      last.then(end, end);
    });
  }

  #stop(): void {
    this.#cancelNext?.();
    this.#cancelNext = null;
  }

  /** Returns whether something has changed since the latest backup, and that is older than this. */
  #isDue(ageMs: number): boolean {
    const { scheduler, snapshot } = this.#options;
    const latest = this.#stored?.latest;
    if (latest == null) return true;
    return Math.abs(scheduler.now() - latest.at) >= ageMs && markOf(snapshot()) !== latest.mark;
  }

  #plan(delayMs: number): void {
    const { scheduler } = this.#options;
    const sinceMs = Math.abs(scheduler.now() - (this.#stored?.latest?.at ?? 0));
    this.#cancelNext ??= scheduler.after(Math.max(delayMs, intervalMs - sinceMs), () => {
      this.#cancelNext = null;
      // What has failed is tried again after the next change, or on the next connection.
      if (this.#running === null && this.#isDue(intervalMs)) this.#run().catch(() => undefined);
    });
  }

  #run(): Promise<void> {
    this.#running ??= this.#backUp()
      .catch((error: unknown) => {
        this.#failed(error);
        throw error;
      })
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  async #backUp(): Promise<void> {
    const { support, request, snapshot, save } = this.#options;
    const recovery = this.#stored;
    if (recovery === null || support === null) throw noPhrase();
    const atServer = await this.#registered(recovery);
    const { user, serverId, scheduler } = this.#options;
    const { cipherOf, segments } = support;
    const latest = await uploadBackup(
      { user, serverId, scheduler, request, snapshot, segments, recovery, cipher: cipherOf(recovery.key) },
      atServer,
    );
    // The user may have ended the recovery meanwhile.
    if (this.#stored?.key !== recovery.key) return;
    this.#stored = { ...this.#stored, latest };
    this.#failure = null;
    if (this.#reported !== null) this.#options.emit({ kind: 'trouble-over', code: 'backup-failed' });
    this.#reported = null;
    await save();
  }

  /** Registers the key of the phrase, unless the server has it: also one that was restored from a backup has it then. */
  async #registered({ publicKey, madeAt }: StoredRecovery): Promise<ResultOf<'get-recovery'>> {
    const { request, signer, user, serverId } = this.#options;
    const found = await request('get-recovery', {});
    if (found.key === fingerprintOfKey(publicKey)) return found;
    const { domain, data } = recoveryKeyStatement(serverId, { user, key: publicKey, madeAt });
    await request('put-recovery-key', { key: publicKey, madeAt, signature: toBase64url(signer.sign(domain, data)) });
    return { ...found, number: 0 };
  }

  /** Reports a failure once, until a backup succeeds. One of the connection is none. */
  #failed(error: unknown): void {
    this.#failure = explain(error);
    if (isDisconnection(error) || this.#reported === this.#failure.code) return;
    this.#reported = this.#failure.code;
    const reason =
      error instanceof ProtocolError && error.code === 'unknown-operation' ? olderServer : this.#failure.reason;
    this.#options.emit({ kind: 'trouble', code: 'backup-failed', reason: `Your backup was not made. ${reason}` });
  }
}

const olderServer = 'The server is of an earlier version, which keeps no backups: ask its operator to update it.';
