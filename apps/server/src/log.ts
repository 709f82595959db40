/** The log on standard error: JSON, or readable lines on a terminal. */

import { escapeUnsafe } from '@chat/safe-text';
import type { Log } from '@chat/server-core';
import { pino } from 'pino';
import { LineWriter } from './line-writer.ts';
import type { LogLevel } from './log-level.ts';
import { type LineCounts, SparingLog } from './repeated-lines.ts';

/** The time over which lines of one kind are counted instead of repeated. */
const repeatAfterMs = 60_000;

interface LogOptions {
  readonly level: LogLevel;
  readonly readable: boolean;
}

const levels: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };

/** Converts one of pino's JSON lines to a readable line. */
export function readableLine(json: string): string {
  const { level, time, msg, ...fields } = JSON.parse(json);
  const shown = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  const line = `${new Date(time).toISOString().slice(11, 19)} ${(levels[level] ?? '').padEnd(5)} ${msg}${shown.join('')}`;
  return `${escapeUnsafe(line).replaceAll('\n', '\\n')}\n`;
}

const escapeLine = (json: string): string => `${escapeUnsafe(json.trimEnd())}\n`;

/** A log that drops every line, for commands that print what they find. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A log that is closed after its last line. */
export interface OpenLog {
  readonly log: Log;
  /** How much is logged. It may be changed at any time. */
  level: LogLevel;
  /** The number of lines of each level so far, written or not. */
  readonly counts: LineCounts;
  /** Resolves with true when the last line is written, with false when that takes longer than `timeoutMs`. */
  close(timeoutMs: number): Promise<boolean>;
}

/** Pino would give a type and a stack of its own to an error that is described already. */
const describeError = (error: unknown): unknown => (error instanceof Error ? pino.stdSerializers.err(error) : error);

/** Opens the log, on standard error unless another file is given. */
export function openLog({ level, readable }: LogOptions, file: LineWriter = new LineWriter(2)): OpenLog {
  const serializers = { error: describeError };
  const written = pino(
    { level, base: null, serializers },
    // Texts in it can come from clients.
    { write: (line: string) => file.write(readable ? readableLine(line) : escapeLine(line)) },
  );
  const log = new SparingLog(written);
  const timer = setInterval(() => log.tick(), repeatAfterMs);
  timer.unref();
  return {
    log,
    get level() {
      return written.level as LogLevel;
    },
    set level(changed) {
      written.level = changed;
    },
    get counts() {
      return log.counts;
    },
    close(timeoutMs) {
      clearInterval(timer);
      log.tick();
      return within(timeoutMs, file.flushed());
    },
  };
}

/** Resolves with whether the work is done within `timeoutMs`. */
async function within(timeoutMs: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  const done = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return done;
}
