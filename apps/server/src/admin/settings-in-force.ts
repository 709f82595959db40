/** Looks up settings: those of the running server, else those with which one would start. */

import { configPlace, configurationWithoutOptions } from '../configuration/configuration.ts';
import { type ReportedSetting, reportedSettings } from '../configuration/configuration-report.ts';
import { withDerived } from '../configuration/derived.ts';
import { settingsOf } from '../configuration/settings.ts';
import { dataDirectory } from '../data/data-directory.ts';
import type { RunContext } from '../run-context.ts';
import { askServer } from './admin-client.ts';

/** The server that is meant. */
export interface MeantServer extends Pick<RunContext, 'environment'> {
  /** The data directory that the operator has named. */
  readonly data?: string | undefined;
  /** The configuration file that the operator has named. */
  readonly config?: string | undefined;
}

/** The settings of a server. */
export interface FoundSettings {
  readonly isRunning: boolean;
  readonly settings: readonly ReportedSetting[];
}

/**
 * Returns all settings in force.
 *
 * @throws CommandError `config`, `usage`, `file-access`, `no-answer`; ProtocolError
 */
export async function settingsInForce({ data, config, environment }: MeantServer): Promise<FoundSettings> {
  const directory = dataDirectory(data, environment);
  const answer = await askServer(directory.adminSocket, 'config', {});
  if (answer !== null) return { isRunning: true, settings: answer.settings };
  const place = configPlace(config, directory.path);
  const configuration = await configurationWithoutOptions(place, environment);
  return { isRunning: false, settings: reportedSettings(withDerived(configuration, settingsOf(configuration))) };
}

/**
 * Returns how many hours an invitation is valid: as the operator says, else as the server is set.
 *
 * @throws CommandError `config`, `usage`, `file-access`, `no-answer`; ProtocolError
 */
export async function invitationHours(hours: number | undefined, server: MeantServer): Promise<number> {
  if (hours !== undefined) return hours;
  const { settings } = await settingsInForce(server);
  return Number(settings.find(({ name }) => name === 'invitation-hours')?.value);
}
