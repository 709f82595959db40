/** The configuration of a running server: what is in force, and how a reload changes it without a restart. */
import type { BackupSchedule } from '../backup/backup-schedule.ts';
import { asCommandError, CommandError } from '../command-error.ts';
import { connectionsWithin } from '../config/open-files.ts';
import type { ConfigFile } from '../configuration/config-file.ts';
import {
  type ConfigPlace,
  type Configuration,
  changesOf,
  changeText,
  configurationOf,
  liveConfiguration,
  type Reloaded,
  readConfig,
  type Sources,
} from '../configuration/configuration.ts';
import { withDerived } from '../configuration/derived.ts';
import { type Settings, settingsOf } from '../configuration/settings.ts';
import type { OpenLog } from '../log.ts';
import type { LogLevel } from '../log-level.ts';
import { prepareBackups } from './prepare-backups.ts';

/** Where a server finds its settings again. */
export interface ConfigSources extends Omit<Sources, 'file'> {
  readonly place: ConfigPlace;
}

/** The parts of a server that settings concern before and while it serves. */
export interface LiveConfigurationOptions {
  readonly configuration: Configuration;
  /** Whether there was a configuration file. */
  readonly hadFile: boolean;
  readonly sources: ConfigSources;
  readonly lines: OpenLog;
  readonly backups: Pick<BackupSchedule, 'change'>;
  /** Number of files that the system lets this process open. */
  readonly openFiles: number;
}

/** Applies settings to a server that serves. */
export type Apply = (settings: Settings) => Promise<void>;

/** Holds what is in force, and reads it again on request. */
export class LiveConfiguration {
  readonly #options: LiveConfigurationOptions;
  #configuration: Configuration;
  #settings: Settings;
  #apply: Apply | null = null;
  #hadFile: boolean;
  #working: Promise<unknown> = Promise.resolve();

  /** @throws CommandError `usage`, `public-host`, `too-few-files` */
  constructor(options: LiveConfigurationOptions) {
    this.#options = options;
    this.#configuration = options.configuration;
    this.#hadFile = options.hadFile;
    this.#settings = withOpenFiles(settingsOf(options.configuration), options.openFiles);
  }

  /** The settings in force. */
  get settings(): Settings {
    return this.#settings;
  }

  /** Every setting in force, with those that follow from others and those that a command has changed. */
  get inForce(): Configuration {
    const shown = withDerived(this.#configuration, this.#settings);
    const { level } = this.#options.lines;
    if (level === shown.get('log-level')?.value) return shown;
    return new Map(shown).set('log-level', {
      text: level,
      value: level,
      from: 'command',
      where: 'chat-server logs',
    });
  }

  /** Hands changes to a server from now on; null: no server serves now, and the next one starts with the settings in force. */
  appliesTo(apply: Apply | null): void {
    this.#apply = apply;
  }

  /** Changes how much is logged, if a level is given, and returns it. The line about it is always written: who quiets the log leaves a trace. */
  changeLevel(level: LogLevel | undefined): LogLevel {
    const { lines } = this.#options;
    if (level === undefined || level === lines.level) return lines.level;
    const before = lines.level;
    lines.level = 'info';
    lines.log.info({ before, after: level }, 'the level of the log was changed');
    lines.level = level;
    return level;
  }

  /**
   * Reads file and environment again, and applies what may change while a server runs. What is not valid changes nothing. One reload
   * waits for the one before.
   *
   * @throws CommandError `config`, `usage`, `file-access`, `public-host`, `backup-password`, `too-few-files`
   */
  reload(): Promise<Reloaded> {
    const reloading = this.#working.then(() => this.#reload());
    this.#working = reloading.catch(() => undefined);
    return reloading;
  }

  async #reload(): Promise<Reloaded> {
    const { sources, openFiles, lines, backups } = this.#options;
    try {
      const file = await this.#readFile();
      const wanted = configurationOf({ ...sources, file });
      // What needs a restart has to be valid, too: the restart must not fail.
      settingsOf(wanted);
      const next = liveConfiguration(this.#configuration, wanted);
      const settings = withOpenFiles(settingsOf(next), openFiles);
      await prepareBackups(settings.backups);
      await this.#apply?.(settings);
      const { changed, restart } = changesOf(this.inForce, withDerived(wanted, settings));
      this.#configuration = next;
      this.#settings = settings;
      backups.change(settings.backups);
      this.#report({ file: file?.path ?? null, changed, restart });
      this.changeLevel(settings.log.level);
      return { file: file?.path ?? null, changed, restart };
    } catch (error) {
      const { message } = asCommandError(error);
      lines.log.error({ reason: message }, 'the configuration was not reloaded, and nothing has changed');
      throw error;
    }
  }

  /** A file that has gone would set everything back to the defaults, and so open a server for all users, so it is refused. */
  async #readFile(): Promise<ConfigFile | null> {
    const { place } = this.#options.sources;
    const file = await readConfig(place);
    if (file === null && this.#hadFile) {
      throw new CommandError(
        'file-access',
        `The configuration ${place.path} has gone: restore it. An empty file stands for the defaults.`,
      );
    }
    this.#hadFile = file !== null;
    return file;
  }

  #report({ file, changed, restart }: Reloaded): void {
    const { log } = this.#options.lines;
    log.info({ file, changed: changed.map(changeText) }, 'the configuration was reloaded');
    if (restart.length > 0) log.warn({ restart: restart.map(changeText) }, 'some changes need a restart of the server');
  }
}

/** Bounds the connections by the files that the system allows. */
function withOpenFiles(settings: Settings, openFiles: number): Settings {
  const connections = connectionsWithin(openFiles, settings.limits);
  return { ...settings, limits: { ...settings.limits, connections } };
}
