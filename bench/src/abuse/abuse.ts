/** What ten well-behaved clients notice while one attack after the other runs, and how much memory the server takes. */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChatClient } from '@chat/client';
import { createCA, privateKeyToPem } from '@chat/mini-ca';
import { temporaryFolder } from '@chat/testkit';
import { isPinned, leaveCoreTo, yieldToOthers } from '../placement.ts';
import { places } from '../places.ts';
import { type AttackRow, attackRows } from './attacks.ts';
import { Child } from './child.ts';
import { enrolUsers, type Users } from './users.ts';

/** Time between two messages of a client. */
const pauseMs = 1_000;
/** Time from the end of an attack to the look at the memory: longer than the server keeps any connection without a login. */
const calmMs = 12_000;
const mebibyte = 1024 * 1024;
/** The options of Node with which the server is started, as `start` of `apps/server` does, and one to collect garbage on request. */
const serverOptions = ['--max-semi-space-size=4', '--expose-gc'];

interface Usage extends NodeJS.MemoryUsage {
  readonly cpuMs: number;
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** Lets each client send a message again and again for a time. Returns the sorted milliseconds to each acknowledgement. */
async function measure(clients: readonly ChatClient[], durationMs: number): Promise<number[]> {
  const end = performance.now() + durationMs;
  const times: number[] = [];
  const speak = async (client: ChatClient): Promise<void> => {
    await pause(Math.random() * pauseMs);
    while (performance.now() < end) {
      const start = performance.now();
      // A message that cannot be sent counts with the time that it has waited.
      await client.send('lobby', 'hello').catch(() => undefined);
      times.push(performance.now() - start);
      await pause(pauseMs);
    }
  };
  await Promise.all(clients.map(speak));
  return times.sort((a, b) => a - b);
}

const placement = isPinned
  ? 'The server has one processor for itself; clients and attacker share the others, and the attacker runs only when the clients do not.'
  : 'Server, clients and attacker share the processors, the attacker at the lowest priority.';
const header =
  '| attack | attempts a second | p50 ms | p99 ms | p99, times quiet | messages | server CPU | us an attempt | RSS MiB, largest | RSS MiB, after | in use MiB, after |\n' +
  '| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |';

/** One run: the clients speak while the attack runs, or while nothing else happens. */
class Run {
  readonly #server: Child;
  readonly #users: Users;
  readonly #durationMs: number;
  /** The 99th percentile of the first run, and the server's processor time in each of its milliseconds. */
  #quietMs = Number.NaN;
  #quietCpu = Number.NaN;

  constructor(server: Child, users: Users, durationMs: number) {
    this.#server = server;
    this.#users = users;
    this.#durationMs = durationMs;
  }

  /** Returns the line of the table. */
  async line(row: AttackRow | null): Promise<string> {
    const attacker = row === null ? null : new Child('attacker.ts');
    if (attacker !== null) yieldToOthers(attacker.pid);
    attacker?.start({ name: row?.name, target: this.#users.targetOf(row) });
    // The attack has begun: its process is there and has opened its profiles.
    while (attacker !== null && Number(await attacker.ask('attempts')) === 0) await pause(50);
    let largest = 0;
    const watch = setInterval(async () => {
      largest = Math.max(largest, (await this.#look('look')).rss);
    }, 500);
    const before = await this.#look('look');
    const attemptsBefore = Number((await attacker?.ask('attempts')) ?? 0);
    const start = performance.now();
    const times = await measure(this.#users.clients, this.#durationMs);
    const elapsedMs = performance.now() - start;
    const { cpuMs } = await this.#look('look');
    clearInterval(watch);
    const attempts = Number((await attacker?.ask('attempts')) ?? 0) - attemptsBefore;
    await attacker?.end();
    await pause(calmMs);
    const after = await this.#look('collect');

    const p99 = quantile(times, 0.99);
    const cpu = (cpuMs - before.cpuMs) / elapsedMs;
    if (Number.isNaN(this.#quietMs)) [this.#quietMs, this.#quietCpu] = [p99, cpu];
    const figures = [
      attempts / (elapsedMs / 1_000),
      quantile(times, 0.5),
      p99,
      (p99 / this.#quietMs).toFixed(1),
      times.length,
      `${(100 * cpu).toFixed(0)} %`,
      attempts === 0 ? '-' : (1_000 * (cpu - this.#quietCpu) * elapsedMs) / attempts,
      largest / mebibyte,
      after.rss / mebibyte,
      (after.heapUsed + after.external) / mebibyte,
    ].map((value) => (typeof value === 'number' ? value.toFixed(0) : value));
    return `| ${row?.name ?? 'none'} | ${figures.join(' | ')} |`;
  }

  async #look(what: 'look' | 'collect'): Promise<Usage> {
    return (await this.#server.ask(what)) as Usage;
  }
}

/**
 * Runs the attacks, `CHAT_BENCH_SECONDS` (default 60) each, prints a table and writes it to `results/`. `CHAT_BENCH_ATTACKS`, a
 * regular expression, selects rows; then nothing is written. `CHAT_BENCH_NODE` gives Node options of the server's process.
 */
export async function benchAbuse(): Promise<void> {
  const { CHAT_BENCH_SECONDS: seconds = '60', CHAT_BENCH_ATTACKS: chosen, CHAT_BENCH_NODE: options = '' } = process.env;
  const rows = attackRows.filter(({ name }) => chosen === undefined || new RegExp(chosen, 'u').test(name));
  await using folder = temporaryFolder();
  const ca = createCA();
  const server = new Child('server.ts', [...serverOptions, ...options.split(' ').filter((option) => option !== '')]);
  server.start({
    certificate: ca.certificate,
    privateKey: privateKeyToPem(ca.privateKey),
    store: join(folder.path, 'chat.db'),
  });
  const ports = (await server.firstAnswer()) as Users['ports'];
  leaveCoreTo(server.pid);
  const users = await enrolUsers({ folder: folder.path, ports, ca: ca.certificate, rows });

  const run = new Run(server, users, 1_000 * Number(seconds));
  const lines = [header];
  console.log(`${placement}\n\n${header}`);
  for (const row of [null, ...rows, null]) {
    const line = await run.line(row);
    console.log(line);
    lines.push(line);
  }
  await users.close();
  await server.end();
  if (chosen !== undefined) return;

  const about = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node}. ${placement}`;
  const reading = `Ten clients send a message every ${pauseMs} ms for ${seconds} seconds in each row. bench/README.md explains the columns.`;
  await writeFile(join(places.results, 'abuse.md'), `# abuse\n\n${about}\n\n${reading}\n\n${lines.join('\n')}\n`);
}
