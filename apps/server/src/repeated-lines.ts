/**
 * Warnings and errors that repeat: the first is written at once, and those that follow it are counted. A disk that stays full for a night
 * otherwise fills the log with the same stack.
 */
import { codeOf } from '@chat/protocol';
import type { Log } from '@chat/server-core';

/** Fields in which lines of one kind may differ: whom it happened to, and how often. */
const varying: ReadonlySet<string> = new Set(['address', 'connection', 'host', 'request', 'times', 'user']);
/** The most kinds that are remembered at once. */
const maxKinds = 1_000;
const maxKeyCharacters = 500;

interface Kind {
  readonly write: (fields: object) => void;
  latest: Readonly<Record<string, unknown>>;
  /** Lines since the last one that was written. */
  count: number;
}

/** The number of lines of each level, written or not. */
export type LineCounts = Readonly<Record<keyof Log, number>>;

/** A log that counts lines of a kind instead of repeating them. */
export class SparingLog implements Log {
  readonly #target: Log;
  #kinds = new Map<string, Kind>();
  readonly #counts: Record<keyof Log, number> = { debug: 0, info: 0, warn: 0, error: 0 };

  constructor(target: Log) {
    this.#target = target;
  }

  /** The number of lines so far. */
  get counts(): LineCounts {
    return { ...this.#counts };
  }

  debug(fields: object, message: string): void {
    this.#counts.debug += 1;
    this.#target.debug(fields, message);
  }

  info(fields: object, message: string): void {
    this.#counts.info += 1;
    this.#target.info(fields, message);
  }

  warn(fields: object, message: string): void {
    this.#note('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#note('error', fields, message);
  }

  /**
   * Writes a line for each kind of which lines were counted, with their number as `times`, and forgets the other kinds. To be called
   * each minute, and at the end.
   */
  tick(): void {
    for (const [key, kind] of this.#kinds) {
      const { write, latest, count } = kind;
      if (count === 0) this.#kinds.delete(key);
      else {
        write({ ...withoutStack(latest), times: count });
        kind.count = 0;
      }
    }
  }

  #note(level: 'warn' | 'error', fields: object, message: string): void {
    this.#counts[level] += 1;
    const latest: Readonly<Record<string, unknown>> = { ...fields };
    const key = keyOf(level, latest, message);
    const kind = this.#kinds.get(key);
    if (kind !== undefined) {
      kind.latest = latest;
      // A line can itself stand for several.
      kind.count += typeof latest['times'] === 'number' ? latest['times'] : 1;
      return;
    }
    if (this.#kinds.size >= maxKinds) {
      this.tick();
      this.#kinds = new Map();
    }
    const write = (shown: object): void => this.#target[level](shown, message);
    this.#kinds.set(key, { write, latest, count: 0 });
    write(fields);
  }
}

const textOf = (value: unknown): unknown =>
  value instanceof Error ? `${value.name} ${codeOf(value) ?? ''} ${value.message}` : value;

function keyOf(level: string, fields: Readonly<Record<string, unknown>>, message: string): string {
  const fixed = Object.entries(fields).filter(([name]) => !varying.has(name));
  const parts = fixed.map(([name, value]) => [name, textOf(value)]);
  return JSON.stringify([level, message, ...parts]).slice(0, maxKeyCharacters);
}

/** The first line of the kind has the stack. */
function withoutStack(fields: Readonly<Record<string, unknown>>): object {
  const { error } = fields;
  if (!(error instanceof Error)) return fields;
  return { ...fields, error: { type: error.constructor.name, code: codeOf(error), message: error.message } };
}
