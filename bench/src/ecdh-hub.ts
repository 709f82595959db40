/** New keys for groups: the hub of @chat/ecdh-hub, the tree of MLS, the bare key agreements; and keys over links. */
import type { Suite } from '@chat/ecdh-hub';
import { bareGroup } from './groups/bare-group.ts';
import type { Change, Group, Sizes } from './groups/group.ts';
import { hubGroup, hubGroupName } from './groups/hub-group.ts';
import { linkTable } from './groups/links.ts';
import { mlsGroup } from './groups/mls-group.ts';
import { durations } from './measure/durations.ts';
import type { Plan } from './measure/measure.ts';
import { bytes, milliseconds } from './measure/quantity.ts';
import { reportTables } from './report/report.ts';
import type { Row, Table } from './report/table.ts';

const sizes = [10, 100, 1000];

/** The largest group with a warm tree. The time to create one grows with the square of its size. */
const largestWarmGroup: Readonly<Record<Suite, number>> = { 'P-384': 10, 'P-256': 100, X25519: 100, 'X-Wing': 10 };

const tasks: Readonly<Record<Change, (size: number) => string>> = {
  add: (size) => `add to ${size}`,
  remove: (size) => `remove from ${size}`,
};

async function groupsOf(suite: Suite, size: number): Promise<Group[]> {
  const groups = [hubGroup(suite, size), await mlsGroup(suite, size, 'cold')];
  if (size <= largestWarmGroup[suite]) groups.push(await mlsGroup(suite, size, 'warm'));
  return [...groups, bareGroup(suite, size)];
}

async function timeRows(groups: readonly Group[], change: Change, size: number, plan: Plan): Promise<Row[]> {
  const rows: Row[] = [];
  for (const side of ['hub', 'member'] as const) {
    const timed = groups.flatMap(({ name, changes }) => {
      const operation = changes[change][side];
      return operation === undefined ? [] : [{ name, operation }];
    });
    rows.push({ task: `${tasks[change](size)}: ${side}`, results: await durations(timed, plan) });
  }
  return rows;
}

function byteRows(groups: readonly Group[], change: Change, size: number): Row[] {
  const row = (what: string, count: (sizes: Sizes) => number | undefined): Row => {
    const results = new Map<string, number>();
    for (const { name, changes } of groups) {
      const { sizes } = changes[change];
      const found = sizes && count(sizes);
      if (found !== undefined) results.set(name, found);
    }
    return { task: `${tasks[change](size)}: ${what}`, results };
  };
  const newcomer = row('the newcomer downloads', (sizes) => sizes.newcomer);
  const perMember = row('sent, per member', ({ sent }) => sent / size);
  return [
    row('sent in all', ({ sent }) => sent),
    change === 'add' ? newcomer : perMember,
    row('a member downloads', ({ downloaded }) => downloaded),
  ];
}

/** Measures the time and the bytes of a new group key. */
export async function benchEcdhHub({ rounds, time }: Plan): Promise<void> {
  const [times, lengths]: [Table[], Table[]] = [[], []];
  for (const suite of ['P-384', 'P-256', 'X25519', 'X-Wing'] as const) {
    const [timed, counted]: [Row[], Row[]] = [[], []];
    for (const size of sizes) {
      console.log(`${suite}: groups of ${size} ...`);
      const groups = await groupsOf(suite, size);
      for (const change of ['add', 'remove'] as const) {
        timed.push(...(await timeRows(groups, change, size, { rounds, time: time / 4 })));
        counted.push(...byteRows(groups, change, size));
      }
    }
    times.push({ title: suite, quantity: milliseconds, ours: hubGroupName, rows: timed });
    lengths.push({ title: suite, quantity: bytes, ours: hubGroupName, rows: counted });
  }
  const links = await linkTable({ rounds, time: time / 4 });
  await reportTables(hubGroupName, {
    plotted: times,
    others: [...lengths, links],
    notes,
    peers: ['ts-mls', '@noble/curves'],
  });
}

const notes = [
  'The change from one epoch to the next: the work of the hub (MLS: the committer) and of one remaining member until they could ' +
    'read the next message. Announcements of @chat/ecdh-hub are signed and verified, on the same curve as in MLS. The bare key ' +
    'agreements (X-Wing: encapsulations of ML-KEM-768 and X25519) are the least that a hub has to compute. They transmit nothing.',
  'Links: the time to wrap one key for 1,000 recipients, each over an open link or in an envelope, and for one of them to unwrap it.',
];
