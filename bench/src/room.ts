/** New keys for rooms: a room of the chat, the bare hub below it, and the tree of MLS. */

import type { Change, Group, Sizes } from './groups/group.ts';
import { linkedHubGroup } from './groups/hub-group.ts';
import { mlsGroup } from './groups/mls-group.ts';
import { roomGroupName, roomGroups } from './groups/room-group.ts';
import { durations } from './measure/durations.ts';
import type { Plan } from './measure/measure.ts';
import { bytes, milliseconds } from './measure/quantity.ts';
import { reportTables } from './report/report.ts';
import type { Row } from './report/table.ts';

/** A room of the largest size has no place for the newcomer whose join is measured. */
const allSizes = [10, 100, 1000, 4990];

/** The largest tree of MLS. To create one of 5,000 leaves takes a quarter of an hour. */
const largestTree = 1000;
const trees = ['X-Wing', 'P-384'] as const;

const tasks: Readonly<Record<Change, (size: number) => string>> = {
  add: (size) => `join a room of ${size}`,
  remove: (size) => `remove from ${size}`,
};

const timed = (groups: readonly Group[], change: Change, side: 'hub' | 'member') =>
  groups.flatMap(({ name, changes }) => {
    const operation = changes[change][side];
    return operation === undefined ? [] : [{ name, operation }];
  });

const counted = (groups: readonly Group[], change: Change, count: (sizes: Sizes) => number) =>
  new Map(
    groups.flatMap(({ name, changes }) => {
      const { sizes } = changes[change];
      return sizes === undefined ? [] : [[name, count(sizes)]];
    }),
  );

function byteRows(groups: readonly Group[], change: Change, size: number): Row[] {
  const task = tasks[change](size);
  const row = (what: string, count: (sizes: Sizes) => number): Row => ({
    task: `${task}: ${what}`,
    results: counted(groups, change, count),
  });
  const perMember = change === 'remove' ? [row('sent, per member', ({ sent }) => sent / size)] : [];
  return [
    row('sent in all', ({ sent }) => sent),
    ...perMember,
    row('a member downloads', ({ downloaded }) => downloaded),
  ];
}

/** Measures the time and the bytes of a new room key. `CHAT_BENCH_SIZES=10,100` selects sizes, and writes no page. */
export async function benchRoom({ rounds, time }: Plan): Promise<void> {
  const selected = process.env['CHAT_BENCH_SIZES']?.split(',').map(Number);
  const [times, lengths]: [Row[], Row[]] = [[], []];
  for (const size of selected ?? allSizes) {
    console.log(`rooms of ${size} ...`);
    const groups = [...roomGroups(size), linkedHubGroup(size)];
    for (const suite of size <= largestTree ? trees : []) {
      groups.push({ ...(await mlsGroup(suite, size, 'cold')), name: `ts-mls, ${suite}` });
    }
    for (const change of ['add', 'remove'] as const) {
      const task = tasks[change](size);
      for (const side of ['hub', 'member'] as const) {
        const results = await durations(timed(groups, change, side), { rounds, time: time / 4 });
        times.push({ task: `${task}: ${side}`, results });
      }
      lengths.push(...byteRows(groups, change, size));
    }
  }
  const plotted = [{ title: 'A new key', quantity: milliseconds, ours: roomGroupName, rows: times }];
  const others = [{ title: 'What is sent for it', quantity: bytes, ours: roomGroupName, rows: lengths }];
  await reportTables(roomGroupName, {
    plotted,
    others,
    notes,
    peers: ['ts-mls'],
    written: selected === undefined,
  });
}

const notes = [
  'Measured is the work from a join or a removal, which both sides have read, to the new key. The hub creates and signs the epoch, ' +
    'and wraps the key for each recipient over a link of X-Wing. A remaining member verifies the epoch (P-384) and obtains the key. ' +
    '@chat/room has open links, as a client has for 90 minutes after a key for the same members. Without them the hub first opens one ' +
    'to each recipient, and verifies the signature of each prekey that it has not seen before, in the thread pool; the member accepts the ' +
    'link. @chat/ecdh-hub is the bare hub with open links, without a log; its announcement is signed and verified, and a newcomer gets ' +
    'a wrap of X-Wing without a link. ts-mls has the suite with X-Wing and Ed25519, and that with P-384. Sizes are those of the frames.',
];
