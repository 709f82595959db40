/** The settings of a run: the environment, and the options of the command line, which win. */
import { resolve } from 'node:path';
import type { Environment } from './environment.ts';

/** The options that every command takes. */
export interface CommonOptions {
  readonly home?: string;
  readonly user?: string;
  readonly server?: string;
  readonly 'password-file'?: string;
}

/** The settings of a run. */
export interface Settings extends Environment {
  /** `host` or `host:port` of the profile to use; null when it was not given. */
  readonly server: string | null;
}

/** Returns the settings of a run. */
export const settingsFrom = (environment: Environment, options: CommonOptions): Settings => ({
  ...environment,
  home: resolve(options.home ?? environment.home),
  user: options.user ?? environment.user,
  server: options.server ?? null,
  passwordFile: options['password-file'] ?? environment.passwordFile,
});
