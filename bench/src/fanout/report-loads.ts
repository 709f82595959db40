/** The page of the load benchmark. */
import { median } from '../measure/measure.ts';
import { milliseconds, operationsPerSecond, type Quantity } from '../measure/quantity.ts';
import { isPinned } from '../placement.ts';
import { type Row, reportTables } from '../report/report.ts';
import type { Result, ServerMeasurement } from './fanout.ts';

const ours = 'chat';
const perSecond: Quantity = { ...operationsPerSecond, name: 'A second, medians' };
const memory: Quantity = {
  name: 'kB for each connection',
  better: 'less',
  scale: 'share',
  text: (kb) => kb.toFixed(0),
};
const share: Quantity = {
  name: 'Share of a processor core, medians',
  better: 'less',
  scale: 'share',
  text: (value) => `${(100 * value).toFixed(0)} %`,
};
const cost: Quantity = {
  name: 'Processor time for each, in microseconds, medians',
  better: 'less',
  scale: 'share',
  text: (value) => value.toFixed(value < 10 ? 1 : 0),
};

const quantile = (sorted: readonly number[], at: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN;

/** Makes a row of each load of a part, with the median of a figure. */
function rowsOf(
  results: readonly Result[],
  part: string,
  figure: (one: ServerMeasurement) => number,
  suffix = '',
): Row[] {
  const own = results.filter(({ load }) => load.part === part);
  const tasks = [...new Set(own.map(({ load }) => load.task))];
  return tasks.map((task) => ({
    task: task + suffix,
    results: new Map(
      own.flatMap(({ load, peer, measurements }) =>
        load.task === task ? [[peer, median(measurements.map(figure))] as const] : [],
      ),
    ),
  }));
}

/** What the page says about the run. */
interface About {
  readonly textBytes: number;
  readonly chatFrameBytes: number;
  /** False when not all loads have run: then the tables are only printed. */
  readonly written: boolean;
}

/** Prints the tables, and writes the page and its plot. */
export async function reportLoads(
  results: readonly Result[],
  { textBytes, chatFrameBytes, written }: About,
): Promise<void> {
  const times = (part: string): Row[] => [
    ...rowsOf(results, part, (one) => quantile(one.times, 0.5), ', p50'),
    ...rowsOf(results, part, (one) => quantile(one.times, 0.99), ', p99'),
  ];
  const idle: Row[] = [...new Set(results.map(({ load }) => load.task))].flatMap((task) => {
    const own = results.filter(({ load, idleKb }) => load.task === task && idleKb !== null);
    return own.length === 0 ? [] : [{ task, results: new Map(own.map(({ peer, idleKb }) => [peer, idleKb ?? 0])) }];
  });
  const onNode = results.filter(({ measurements }) => measurements.some(({ loopDelays }) => loopDelays.length > 0));
  const loopP99 = ({ loopDelays }: ServerMeasurement): number =>
    quantile(
      loopDelays.toSorted((a, b) => a - b),
      0.99,
    );
  const rated = ['append', 'fan-out', 'set-up'];
  const tables = [
    {
      title: 'Messages acknowledged',
      quantity: perSecond,
      ours,
      rows: rowsOf(results, 'append', (one) => one.perSecond),
    },
    { title: 'Time to the acknowledgement', quantity: milliseconds, ours, rows: times('append') },
    { title: 'Deliveries', quantity: perSecond, ours, rows: rowsOf(results, 'fan-out', (one) => one.perSecond) },
    { title: 'Time to each delivery', quantity: milliseconds, ours, rows: times('latency') },
    { title: 'Logins', quantity: perSecond, ours, rows: rowsOf(results, 'set-up', (one) => one.perSecond) },
    { title: 'Memory', quantity: memory, ours, rows: idle },
  ].filter(({ rows }) => rows.length > 0);
  const others = [
    {
      title: 'What the server used',
      quantity: cost,
      ours,
      rows: rated.flatMap((part) => rowsOf(results, part, (one) => (1e6 * one.serverCpu) / one.perSecond)),
    },
    {
      title: "Delay of the server's event loop, p99",
      quantity: { ...milliseconds, name: 'Milliseconds, medians' },
      ours,
      rows: ['append', 'fan-out', 'latency'].flatMap((part) => rowsOf(onNode, part, loopP99)),
    },
    {
      title: 'What the generator used',
      quantity: share,
      ours,
      rows: [...rated, 'latency'].flatMap((part) => rowsOf(results, part, (one) => one.generatorCpu)),
    },
    {
      title: 'Refused messages',
      quantity: { ...share, name: 'Messages', text: (value: number) => value.toFixed(0) },
      ours,
      rows: ['append', 'fan-out', 'latency'].flatMap((part) => rowsOf(results, part, (one) => one.refused)),
    },
  ].filter(({ rows }) => rows.length > 0);
  await reportTables('fanout', { plotted: tables, others, notes: notes(textBytes, chatFrameBytes), written });
}

const notes = (textBytes: number, chatFrameBytes: number): string[] => [
  `Each server runs ${isPinned ? 'with all its threads on one core, the load generator on another' : 'beside the load generator, without a core of its own'}. ` +
    `All connections use mutual TLS 1.3 and P-256 certificates. A text has ${textBytes} bytes. The chat syncs a message to its ` +
    'disk before it acknowledges it; mosquitto (quality of service 1, also towards the readers) and nats-server (`verbose`) keep it in memory. ' +
    'The bare server only passes bytes on: what has come in one turn of its loop leaves in one write for each reader.',
  `The chat sends ${chatFrameBytes} bytes for each delivery, so the bare server is measured at that size too.`,
  'Where the generator used nearly all of its core, the server could do more than the table says.',
];
