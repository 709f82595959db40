/** Configurations for tests, from texts. */

import { parseConfig } from '../../src/configuration/config-file.ts';
import { type Configuration, configurationOf } from '../../src/configuration/configuration.ts';

/** The path of a file that need not exist. */
export const filePath = '/etc/chat-server/config.toml';

/** Returns the configuration of a server with these options, variables and lines of a file. */
export function configured(
  options: Readonly<Record<string, string>> = {},
  environment: Readonly<Record<string, string>> = {},
  file: string | null = null,
): Configuration {
  return configurationOf({
    given: new Map(Object.entries(options)),
    environment,
    file: file === null ? null : parseConfig(filePath, file),
  });
}
