/** What a setting of the server is: an option of `start` that the configuration file can hold, too. */
import type { Option } from '@chat/command-line';

/** One setting. Its name is that of the option without the dashes. */
export type Setting = Option & {
  /** Under which title the example file and the documentation list it. */
  readonly topic: string;
  /** True when a change counts only after a restart. Default: false. */
  readonly needsRestart?: boolean;
  /** True for a path. In the file a relative one counts from the folder of the file. */
  readonly isPath?: boolean;
  /** A value for the example file, of a setting that has no default, or one that depends on others. */
  readonly example?: string;
};

/** Settings by their names. */
export type SettingTable = Readonly<Record<string, Setting>>;
