/** Everything that a run of the program touches outside itself. */
import type { ReadStream, WriteStream } from 'node:tty';
import type { Scheduler } from '@chat/client';
import type { Profiles } from './client-surface.ts';
import type { Settings } from './config/settings.ts';

/** The standard streams of a run. */
export interface Streams {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
}

/** The settings, streams and services of a run. */
export interface RunContext extends Streams {
  readonly settings: Settings;
  readonly profiles: Profiles;
  readonly clock: Scheduler;
  /** Shows a text on the desktop, where there is one. */
  readonly notifyDesktop: (text: string) => void;
  /** Aborted by the first signal to stop. A second signal ends the process at once. */
  readonly stop: AbortController;
}
