/** The messages on a machine: the first search over a million of them, and the opening of a room that has 100,000. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { emptyMessages, MessageStore, type StoredMessages } from '@chat/message-store';
import { openSegmentFolder } from '@chat/message-store/node';
import { range } from '../fanout/loads/load.ts';
import { median, type Plan } from '../measure/measure.ts';
import { milliseconds } from '../measure/quantity.ts';
import { reportTables } from '../report/report.ts';
import type { Row } from '../report/table.ts';
import type { MessagesFigures, MessagesRun } from './messages-run.ts';

const defaultCount = 1_000_000;
const [rooms, authors, words, batch] = [10, 20, 20_000, 1000];
/** One message of so many has a word that few have. */
const rareEvery = 50_000;
/** A message of the authors' clocks each second. */
const firstAt = Date.UTC(2026, 0, 1);
const ours = 'chat';

/** The words of the texts: letters that differ, as long as those of a language. Some occur far more often than others. */
const wordList = range(0, words).map((index) => {
  const letters = [...(index * 2_654_435_761).toString(26)].map((digit) =>
    String.fromCharCode(97 + Number.parseInt(digit, 26)),
  );
  return letters.join('').slice(-8);
});
const randomWord = (): string => wordList[Math.floor(Math.random() ** 3 * words)] ?? '';

const text = (seq: number): string =>
  ['common', ...range(0, 8).map(randomWord), ...(seq % rareEvery === 1 ? ['rareword'] : [])].join(' ');

/** Adds the messages as a client does that reads rooms in turns, and resolves with what it would store. */
async function fill(folder: string, count: number): Promise<StoredMessages> {
  const store = new MessageStore({
    files: openSegmentFolder(folder),
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    turn: () => setImmediate(),
    now: () => firstAt,
    changed: () => undefined,
    damaged: () => {
      throw new Error('A segment is damaged.');
    },
    stored: emptyMessages,
  });
  for (let first = 1; first <= count; first += batch) {
    const messages = range(first, first + batch).map((seq) => ({
      seq,
      user: `user${seq % authors}`,
      fingerprint: 'ab'.repeat(32),
      at: firstAt + seq * 1000,
      text: text(seq),
    }));
    store.add(`room${Math.floor(first / batch) % rooms}`, messages);
    await store.flush();
    await store.wasStored(store.changes);
    await store.tend();
    await store.wasStored(store.changes);
  }
  const { stored } = store;
  await store.close();
  return stored;
}

/** Starts a process, and resolves with what its reading took. */
async function measure(run: MessagesRun): Promise<MessagesFigures> {
  const script = join(import.meta.dirname, 'messages-run.ts');
  const child = spawn(process.execPath, [...process.execArgv, script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.send(run);
  const ended = once(child, 'exit').then(() => {
    throw new Error('The process has ended without figures.');
  });
  const [figures] = (await Promise.race([once(child, 'message'), ended])) as [MessagesFigures];
  await ended.catch(() => undefined);
  return figures;
}

interface Task {
  readonly what: string;
  readonly read: MessagesRun['read'];
}

const tasksOf = (count: number): readonly Task[] => [
  { what: 'open a room of a tenth of them', read: { roomId: 'room3', page: { limit: 20 } } },
  { what: '50 messages from the middle', read: { roomId: 'room3', page: { before: count / 2, limit: 50 } } },
  { what: 'a word that few have', read: { search: { words: 'rareword' } } },
  { what: 'a word that all have', read: { search: { words: 'common' } } },
  { what: 'a beginning', read: { search: { words: 'rarew*' } } },
  { what: 'two words of one author', read: { search: { words: `common ${wordList[3]}`, user: 'user3' } } },
  { what: 'two words that follow each other', read: { search: { words: `"common ${wordList[0]}"` } } },
  { what: 'a word that none has', read: { search: { words: 'zzzzzzzzz' } } },
];

/** Measures pages and searches of a client that has just started. */
export async function benchMessages({ rounds }: Plan): Promise<void> {
  const count = Number(process.env['CHAT_BENCH_MESSAGES'] ?? defaultCount);
  const folder = mkdtempSync(join(tmpdir(), 'chat-bench-messages-'));
  try {
    const stored = await fill(join(folder, 'messages'), count);
    const tasks = tasksOf(count);
    const figures = new Map<Task, MessagesFigures[]>(tasks.map((task) => [task, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [{ read }, measured] of figures) {
        measured.push(await measure({ folder: join(folder, 'messages'), stored, read }));
      }
    }
    const rows = (figure: (each: MessagesFigures) => number): Row[] =>
      tasks.map((task) => ({
        task: task.what,
        results: new Map([[ours, median((figures.get(task) ?? []).map(figure))]]),
      }));
    await reportTables('messages', {
      plotted: [{ title: 'Time of the first reading', quantity: milliseconds, ours, rows: rows(({ ms }) => ms) }],
      others: [
        {
          title: 'Processor time of the first reading',
          quantity: milliseconds,
          ours,
          rows: rows(({ cpuMs }) => cpuMs),
        },
        { title: 'Time of the same reading again', quantity: milliseconds, ours, rows: rows(({ againMs }) => againMs) },
      ],
      notes: [
        `${count.toLocaleString('en')} messages of nine words in ${rooms} rooms, ${stored.segments.length} segments. Each figure is that of a new process in which nothing is compiled ` +
          'yet and no file is open; the files are in the cache of the system.',
      ],
      written: count === defaultCount,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
