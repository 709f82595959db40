/** The log on standard error: JSON, or one readable line each where a person looks on. */

import type { Log } from '@chat/server-core';
import { pino } from 'pino';

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

export function createLog({ level, readable }: LogOptions): Log {
  const file = pino.destination({ dest: 2, sync: true });
  const serializers = { error: pino.stdSerializers.err };
  return pino(
    { level, base: null, serializers },
    readable ? { write: (line: string) => file.write(readableLine(line)) } : file,
  );
}
