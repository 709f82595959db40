/** All that a run touches outside itself. */
import type { ReadStream, WriteStream } from 'node:tty';
import type { Scheduler } from '@chat/client';
import type { Profiles } from './client-surface.ts';
import type { Settings } from './settings.ts';

export interface Streams {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
}

export interface Surroundings extends Streams {
  readonly settings: Settings;
  readonly profiles: Profiles;
  readonly clock: Scheduler;
  /** Aborted when the program is to end; a second signal ends it at once. */
  readonly stop: AbortController;
}
