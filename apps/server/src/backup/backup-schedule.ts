/**
 * Makes a backup each day while a server runs, and deletes the oldest. The backup is a process of its own: the server serves on, whatever
 * becomes of it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Log } from '@chat/server-core';
import { asCommandError } from '../command-error.ts';
import type { BackupSettings } from '../configuration/settings.ts';
import type { DataDirectory } from '../data/data-directory.ts';
import { recordFailure } from './backup-record.ts';

/** Options of `BackupSchedule`. */
export interface BackupScheduleOptions {
  readonly directory: DataDirectory;
  /** The file with the password of the CA's keys; null when there is none. */
  readonly caPasswordFile: string | null;
  readonly log: Log;
  /** The words that run this program. */
  readonly program: readonly string[];
  /** Returns milliseconds. */
  readonly clock: () => number;
}

const lookEveryMs = 10 * 60_000;
/** After a failure the next attempt comes after this time. */
const retryAfterMs = 6 * 60 * 60_000;
const maxReasonCharacters = 2_000;

const backupName = /^chat-server-\d{4}-\d\d-\d\d\.backup$/;
const draftName = /^chat-server-\d{4}-\d\d-\d\d\.backup\.[0-9a-f]{8}\.new(\.db(-wal|-shm|-journal)?)?$/;

/** The daily backups of one data directory. */
export class BackupSchedule {
  readonly #options: BackupScheduleOptions;
  #settings: BackupSettings | null;
  #timer: NodeJS.Timeout | undefined;
  #child: ChildProcess | null = null;
  #working: Promise<void> = Promise.resolve();
  #isWorking = false;
  #isStopped = false;
  #notBefore = Number.NEGATIVE_INFINITY;

  /** @param settings null: none are made until `change` */
  constructor(options: BackupScheduleOptions, settings: BackupSettings | null) {
    this.#options = options;
    this.#settings = settings;
  }

  /** Makes backups with these settings from now on. One that is being made goes on with those of before. */
  change(settings: BackupSettings | null): void {
    if (isDeepStrictEqual(settings, this.#settings)) return;
    this.#settings = settings;
    this.#notBefore = Number.NEGATIVE_INFINITY;
    if (this.#timer !== undefined) this.#look();
  }

  /** Makes the backup of this day if there is none yet, and looks again every ten minutes. A second call changes nothing. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
    this.#timer.unref();
    this.#look();
  }

  /** Resolves when no backup is being made. One that was not finished leaves nothing under its name. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#child?.kill('SIGKILL');
    await this.#working;
  }

  #look(): void {
    const settings = this.#settings;
    if (settings === null || this.#isWorking || this.#isStopped) return;
    this.#isWorking = true;
    this.#working = this.#work(settings)
      .catch((error: unknown) => this.#failed(asCommandError(error).message))
      .finally(() => {
        this.#isWorking = false;
      });
  }

  async #work(settings: BackupSettings): Promise<void> {
    const { clock, log } = this.#options;
    const { folder } = settings;
    const now = clock();
    if (now < this.#notBefore && this.#notBefore - now <= retryAfterMs) return;
    const name = `chat-server-${new Date(now).toISOString().slice(0, 10)}.backup`;
    const names = await readdir(folder);
    if (names.includes(name)) return;
    // Of backups that were cut off. They have other names than this one.
    for (const draft of names.filter((each) => draftName.test(each))) await rm(join(folder, draft), { force: true });
    const reason = await this.#make(join(folder, name), settings);
    if (this.#isStopped) return;
    if (reason !== null) return this.#failed(reason);
    log.info({ file: join(folder, name) }, 'a backup was made');
    await this.#deleteOldest(settings);
  }

  /** Only after a backup was made, so that failures delete nothing. */
  async #deleteOldest({ folder, kept }: BackupSettings): Promise<void> {
    const names = (await readdir(folder)).filter((name) => backupName.test(name)).sort();
    for (const name of names.slice(0, -kept)) await rm(join(folder, name));
  }

  async #failed(reason: string): Promise<void> {
    const { directory, clock, log } = this.#options;
    this.#notBefore = clock() + retryAfterMs;
    log.error({ reason }, 'the daily backup failed');
    await recordFailure(directory, clock(), reason);
  }

  /** Returns why no backup was made; null when it was. */
  async #make(file: string, { passwordFile }: BackupSettings): Promise<string | null> {
    const { program, directory, caPasswordFile } = this.#options;
    const [command = process.execPath, ...words] = program;
    const password = passwordFile === null ? [] : ['--password-file', passwordFile];
    const child = spawn(command, [...words, 'backup', file, '--data', directory.path, ...password], {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(caPasswordFile !== null && { env: { ...process.env, CHAT_CA_PASSWORD_FILE: caPasswordFile } }),
    });
    this.#child = child;
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-maxReasonCharacters);
    });
    return new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => {
        this.#child = null;
        const reason = said.trim().replace(/^chat-server: /, '') || `it ended with ${signal ?? code}`;
        resolve(code === 0 ? null : reason);
      });
    });
  }
}
