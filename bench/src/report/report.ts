/** Writes results as tables to the terminal, and as tables and a plot to `results/`. */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { operationsPerSecond } from '../measure/quantity.ts';
import { versionOf } from '../measure/versions.ts';
import { places } from '../places.ts';
import { barChart } from './bar-chart.ts';
import { markdown, type Row, type Table } from './table.ts';

export type { Row } from './table.ts';

/** Reports operations per second in one table. `peers` are the packages whose versions the report names. */
export async function report(
  library: string,
  ours: string,
  rows: readonly Row[],
  peers: readonly string[] = [],
): Promise<void> {
  await reportTables(library, { plotted: [{ title: '', quantity: operationsPerSecond, ours, rows }], peers });
}

/** The content of a report. */
export interface Report {
  readonly plotted: readonly Table[];
  /** Tables that the plot leaves out. */
  readonly others?: readonly Table[];
  /** Paragraphs that explain what was measured. */
  readonly notes?: readonly string[];
  readonly peers?: readonly string[];
  /** False: the tables are only printed, because they are not complete. Default: true. */
  readonly written?: boolean;
}

/** Writes tables in which brackets behind the peers' values say how many times better the library is. */
export async function reportTables(library: string, report: Report): Promise<void> {
  const { plotted, others = [], notes = [], peers = [], written = true } = report;
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const { node, openssl } = process.versions;
  const versions = [`Node ${node}`, `OpenSSL ${openssl}`, ...peers.map((name) => `${name} ${versionOf(name)}`)];
  const about = `${[processor, ...versions].join(', ')}.`;
  const sections = [...plotted, ...others].flatMap((table) => {
    const { title, quantity, ours } = table;
    const reading = `${quantity.name}; ${quantity.better} is better. In brackets: how many times better ${ours} is.`;
    return [...(title === '' ? [] : [`## ${title}`]), reading, markdown(table)];
  });
  const text = `${[`# ${library}`, about, ...notes, ...sections].join('\n\n')}\n`;
  process.stdout.write(`\n${text}\n`);
  if (!written) return;
  const file = join(places.results, library.replace('@chat/', ''));
  await writeFile(`${file}.md`, text);
  await writeFile(`${file}.svg`, barChart(library, about, plotted));
}
