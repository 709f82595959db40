/** New keys for rooms: a room of the chat, the bare hub below it, and the tree of MLS. */

import type { Change, Group, Sizes } from './groups/group.ts';
import { hubGroup } from './groups/hub-group.ts';
import { mlsGroup } from './groups/mls-group.ts';
import { roomGroup, roomGroupName } from './groups/room-group.ts';
import { durations } from './measure/durations.ts';
import type { Plan } from './measure/measure.ts';
import { bytes, milliseconds } from './measure/quantity.ts';
import { reportTables } from './report/report.ts';
import type { Row } from './report/table.ts';

const sizes = [10, 100, 1000];

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

/** Measures the time and the bytes of a new room key. */
export async function benchRoom({ rounds, time }: Plan): Promise<void> {
  const [times, lengths]: [Row[], Row[]] = [[], []];
  for (const size of sizes) {
    console.log(`rooms of ${size} ...`);
    const groups = [roomGroup(size), hubGroup('P-384', size), await mlsGroup('P-384', size, 'cold')];
    for (const change of ['add', 'remove'] as const) {
      const task = tasks[change](size);
      for (const side of ['hub', 'member'] as const) {
        const results = await durations(timed(groups, change, side), { rounds, time: time / 4 });
        times.push({ task: `${task}: ${side}`, results });
      }
      lengths.push({ task: `${task}: sent in all`, results: counted(groups, change, ({ sent }) => sent) });
      lengths.push({
        task: `${task}: a member downloads`,
        results: counted(groups, change, ({ downloaded }) => downloaded),
      });
    }
  }
  const plotted = [{ title: 'A new key', quantity: milliseconds, ours: roomGroupName, rows: times }];
  const others = [{ title: 'What is sent for it', quantity: bytes, ours: roomGroupName, rows: lengths }];
  await reportTables(roomGroupName, { plotted, others, notes, peers: ['ts-mls'] });
}

const notes = [
  'P-384 throughout. Measured is the work from a join or a removal, which both sides have read, to the new key. The hub creates ' +
    'and signs the epoch, and wraps the key for each recipient. It has verified their prekeys before, as a client does once a day. ' +
    'A remaining member verifies the epoch and obtains the key. @chat/ecdh-hub is the bare hub without a log; its announcement is ' +
    'signed and verified. Sizes of a room are those of its JSON, the others are binary.',
];
