/** What a load measures, and what all loads share. */

import { cpuMs } from '../../placement.ts';
import type { Dialect, Line, LineEvents, Target } from '../dialects/dialect.ts';
import type { Span } from '../peers/loop-delays.ts';

/** A load, as it is passed to the generator. */
export type Load =
  | { readonly kind: 'append'; readonly writers: number; readonly rooms: number; readonly inFlight: number }
  | { readonly kind: 'fan-out'; readonly rooms: number; readonly members: number; readonly inFlight: number }
  | { readonly kind: 'latency'; readonly members: number; readonly deliveriesPerSecond: number }
  | { readonly kind: 'set-up'; readonly atOnce: number }
  | { readonly kind: 'idle'; readonly connections: number };

/** What a load has measured. The times are sorted, in ms. */
export interface Measurement {
  /** Messages, deliveries or connections a second. */
  readonly perSecond: number;
  readonly times: readonly number[];
  readonly refused: number;
  /** When the measurement began and ended, in ms of Unix time. */
  readonly span: Span;
  /** Processor time in the time of the measurement: 1 is a whole core. */
  readonly serverCpu: number;
  readonly generatorCpu: number;
}

/** What a load runs on. */
export interface LoadContext {
  readonly target: Target;
  readonly dialect: Dialect;
  /** Resolves after the time of the measurement, and a quarter of it to warm up. */
  readonly durationMs: number;
}

/** Opens lines a few at a time, and each with its own events. */
export async function openLines(
  { target, dialect }: LoadContext,
  users: readonly number[],
  eventsOf: (index: number) => Partial<LineEvents>,
): Promise<Line[]> {
  const lines: Line[] = [];
  const none: LineEvents = { acknowledged: () => undefined, refused: () => undefined, delivered: () => undefined };
  const [atOnce, indexes] = [16, [...users.keys()]];
  for (let from = 0; from < users.length; from += atOnce) {
    const opened = indexes
      .slice(from, from + atOnce)
      .map((index) => dialect(target, users[index] ?? 0, { ...none, ...eventsOf(index) }));
    lines.push(...(await Promise.all(opened)));
  }
  return lines;
}

/** Closes lines, each when it has its answers. */
export async function closeLines(lines: readonly Line[]): Promise<void> {
  await Promise.all(lines.map((line) => line.close()));
}

/** Returns the numbers from `from` up to, not including, `to`. */
export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

/** The users who write in a fan-out. They are members of every room. */
export const publishers = 8;

/** Returns the users of a load, by room: its writers, its members, and no user for a load without messages. */
export function membersOf(load: Load): number[][] {
  switch (load.kind) {
    case 'append':
      return range(0, load.rooms).map((room) =>
        range(0, load.writers).filter((writer) => writer % load.rooms === room),
      );
    case 'fan-out':
      return range(0, load.rooms).map((room) => {
        const first = publishers + room * load.members;
        return [...range(0, publishers), ...range(first, first + load.members)];
      });
    case 'latency':
      return [range(0, load.members + 1)];
    case 'set-up':
    case 'idle':
      return [];
  }
}

/** Returns how many users a load needs. */
export function usersOf(load: Load): number {
  if (load.kind === 'set-up') return load.atOnce;
  if (load.kind === 'idle') return load.connections;
  return 1 + Math.max(...membersOf(load).flat());
}

/** Counts what happens after the warm-up, for a time. */
export class Window {
  readonly #durationMs: number;
  readonly #serverPid: number;
  #startedAt = Number.POSITIVE_INFINITY;
  #count = 0;
  readonly #times: number[] = [];
  #refused = 0;
  /** True when the measurement is over. */
  over = false;

  constructor({ durationMs, target }: LoadContext) {
    this.#durationMs = durationMs;
    this.#serverPid = target.pid;
  }

  /** Measures. The load runs already. */
  async measure(): Promise<Measurement> {
    await pause(this.#durationMs / 4);
    const pids = [this.#serverPid, process.pid];
    const before = pids.map(cpuMs);
    this.#startedAt = performance.now();
    this.#count = 0;
    await pause(this.#durationMs);
    const elapsedMs = performance.now() - this.#startedAt;
    const from = performance.timeOrigin + this.#startedAt;
    const perSecond = (1_000 * this.#count) / elapsedMs;
    this.over = true;
    const [serverCpu = 0, generatorCpu = 0] = pids.map((pid, index) => (cpuMs(pid) - (before[index] ?? 0)) / elapsedMs);
    const times = this.#times.sort((a, b) => a - b);
    const span = { from, to: from + elapsedMs };
    return { perSecond, times, refused: this.#refused, span, serverCpu, generatorCpu };
  }

  count(events: number): void {
    this.#count += events;
  }

  /** Notes the time of one event that began at `startedAt`, a value of `performance.now()`. */
  time(startedAt: number): void {
    if (startedAt >= this.#startedAt && !this.over) this.#times.push(performance.now() - startedAt);
  }

  refuse(reason: string): void {
    if (this.#refused === 0) console.error(`refused: ${reason}`);
    this.#refused += 1;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
