/** What this run goes by: the environment, and the options of the command line over it. */
import { resolve } from 'node:path';
import type { Environment } from './environment.ts';

export interface CommonOptions {
  readonly home?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  readonly 'password-file'?: string | undefined;
}

export interface Settings extends Environment {
  /** `host` or `host:port` of the profile to use. */
  readonly server: string | null;
}

export const settingsFrom = (environment: Environment, options: CommonOptions): Settings => ({
  ...environment,
  home: resolve(options.home ?? environment.home),
  user: options.user ?? environment.user,
  server: options.server ?? null,
  passwordFile: options['password-file'] ?? environment.passwordFile,
});
