/** Reading a room's backlog: in batches as the client does, or one entry after the other. */
import type { LoggedEntry } from '@chat/protocol';
import {
  type AppliedBacklog,
  type Author,
  applyEntry,
  composeCreate,
  composeEpoch,
  composeJoin,
  composeMessage,
  createRoomCrypto,
  emptyRoom,
  type RoomCrypto,
  type RoomState,
  readBacklog,
  rekeyDue,
} from '@chat/room';
import { generateSigner } from '@chat/signatures';
import { median, type Plan } from './measure/measure.ts';
import { milliseconds, type Quantity } from './measure/quantity.ts';
import { reportTables } from './report/report.ts';
import type { Row } from './report/table.ts';

const [messages, authors] = [10_000, 20];
/** About the client's batch size, and the number of steps after which it yields to other work. */
const [batchEntries, stepsPerTurn] = [2_048, 256];

const checks: Quantity = {
  name: 'Signatures checked',
  better: 'less',
  scale: 'logarithmic',
  text: (value) => value.toFixed(0),
};

interface Reading {
  readonly totalMs: number;
  /** The longest time without a yield to other work. */
  readonly longestMs: number;
  readonly checks: number;
}

/** Times pieces of work, and counts the signatures that are checked in them. */
class Meter {
  #checks = 0;
  #total = 0;
  #longest = 0;
  readonly crypto: RoomCrypto;

  constructor() {
    const crypto = createRoomCrypto();
    this.crypto = {
      ...crypto,
      verify: (...signed) => {
        this.#checks += 1;
        return crypto.verify(...signed);
      },
      // All work is measured in this thread.
      verifyAsync: undefined,
    };
  }

  piece<T>(work: () => T): T {
    const start = performance.now();
    const result = work();
    const time = performance.now() - start;
    this.#total += time;
    this.#longest = Math.max(this.#longest, time);
    return result;
  }

  get reading(): Reading {
    return { totalMs: this.#total, longestMs: this.#longest, checks: this.#checks };
  }
}

/** Creates a room in which the members have sent messages in turns. Returns the state before them, and the messages. */
function busyRoom(): { readonly before: RoomState; readonly log: readonly LoggedEntry[] } {
  const crypto = createRoomCrypto();
  const people = Array.from(
    { length: authors },
    (_, index): Author => ({
      user: `user-${index}`,
      signer: generateSigner(),
      crypto,
      now: 0,
    }),
  );
  const [reader] = people;
  if (reader === undefined) throw new Error('there is no reader');
  const { roomId: room, entry: create } = composeCreate(reader, 'bench', { join: 'open', history: 'since-join' });
  let state = emptyRoom(room, reader.signer.fingerprint);
  const log: LoggedEntry[] = [];
  const append = (entry: LoggedEntry['entry']) => {
    const item = { seq: state.head.seq + 1, at: 0, entry };
    ({ state } = applyEntry(state, item, { ...crypto, verify: () => true }));
    log.push(item);
  };
  append(create);
  for (const person of people.slice(1)) append(composeJoin(person, room, 1));
  const rekey = () => {
    // The reader is the only one who reads, so no other member needs a wrap.
    const epoch = composeEpoch(reader, state, new Map());
    state = epoch.state;
    append(epoch.entry);
  };
  rekey();
  const before = state;
  const from = log.length;
  for (let index = 0; index < messages; index++) {
    if (rekeyDue(state, reader.now) !== null) rekey();
    const author = people[index % authors] ?? reader;
    append(composeMessage(author, { ...state, me: author.signer.fingerprint }, `message ${index}`));
  }
  // The reader has the keys, so that no wrap has to be fetched.
  return { before: { ...before, secrets: state.secrets }, log: log.slice(from) };
}

function readTogether(start: RoomState, log: readonly LoggedEntry[]): Reading {
  const meter = new Meter();
  let state = start;
  for (let from = 0; from < log.length; from += batchEntries) {
    const reading = readBacklog(state, log.slice(from, from + batchEntries), meter.crypto);
    let read: AppliedBacklog | null = null;
    while (read === null) {
      read = meter.piece(() => {
        for (let step = 0; step < stepsPerTurn; step++) {
          const { done, value } = reading.next();
          if (done === true) return value;
        }
        return null;
      });
    }
    ({ state } = read);
  }
  return meter.reading;
}

function readEach(start: RoomState, log: readonly LoggedEntry[]): Reading {
  const meter = new Meter();
  let state = start;
  for (const item of log) ({ state } = meter.piece(() => applyEntry(state, item, meter.crypto)));
  return meter.reading;
}

/** Measures how long a client takes to read a room's backlog. */
export async function benchCatchUp({ rounds }: Plan): Promise<void> {
  const { before, log } = busyRoom();
  const ours = `${batchEntries} together`;
  const contenders = [
    { name: ours, read: readTogether, readings: [] as Reading[] },
    { name: 'one by one', read: readEach, readings: [] as Reading[] },
  ];
  for (let round = 0; round < rounds; round++) {
    for (const { read, readings } of contenders) readings.push(read(before, log));
  }
  const row = (task: string, figure: (reading: Reading) => number): Row => ({
    task,
    results: new Map(contenders.map(({ name, readings }) => [name, median(readings.map(figure))])),
  });
  const what = `${messages.toLocaleString('en')} messages of ${authors} authors`;
  const times = [row(what, ({ totalMs }) => totalMs), row('its longest piece', ({ longestMs }) => longestMs)];
  const counts = [row(what, (reading) => reading.checks)];
  const plotted = [{ title: 'Time', quantity: milliseconds, ours, rows: times }];
  await reportTables('catching-up', {
    plotted,
    others: [{ title: 'Signatures', quantity: checks, ours, rows: counts }],
    notes,
  });
}

const notes = [
  `A member reads the backlog, in which the other members have sent messages in turns. In a batch of ${batchEntries} entries one ` +
    `signature covers all messages of one author. The client yields to other work after every ${stepsPerTurn} entries or ` +
    `signatures, which are one piece. It makes the checks of a batch in the thread pool; here they are made in the same thread. The ` +
    `room has a new key after every 1,000 entries.`,
];
