/** The log on standard error: JSON, or one readable line each where a person looks on. */

import type { Log } from '@chat/server-core';
import { pino } from 'pino';
import { LineWriter } from './line-writer.ts';

interface LogOptions {
  readonly level: string;
  readonly readable: boolean;
}

const levels: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };

/** One line of pino's as a person reads it. Control characters from outside do not reach the terminal. */
export function readableLine(json: string): string {
  const { level, time, msg, ...fields } = JSON.parse(json);
  const shown = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${new Date(time).toISOString().slice(11, 19)} ${(levels[level] ?? '').padEnd(5)} ${msg}${shown.join('')}`
    .replace(/[\p{Cc}\p{Cf}]/gu, '?')
    .concat('\n');
}

export interface OpenLog {
  readonly log: Log;
  /** Resolves when the last line is out; false when it was not within so many milliseconds. */
  close(milliseconds: number): Promise<boolean>;
}

export function openLog({ level, readable }: LogOptions): OpenLog {
  const file = new LineWriter(2);
  const serializers = { error: pino.stdSerializers.err };
  const log = pino(
    { level, base: null, serializers },
    readable ? { write: (line: string) => file.write(readableLine(line)) } : file,
  );
  return { log, close: (milliseconds) => within(milliseconds, file.flushed()) };
}

/** Whether the work is done by then. */
async function within(milliseconds: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  const done = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return done;
}
