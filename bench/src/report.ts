/** Results as a table for people and as a plot. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { barChart } from './bar-chart.ts';

export interface Row {
  /** What was done, e.g. `encrypt 256 B`. */
  readonly task: string;
  /** Operations per second by contender. */
  readonly results: ReadonlyMap<string, number>;
}

const results = join(import.meta.dirname, '../results');

export const short = (value: number): string => {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  if (value >= 1e3) return `${(value / 1e3).toFixed(value >= 1e5 ? 0 : 1)}k`;
  return value.toFixed(value >= 100 ? 0 : 1);
};

function table(rows: readonly Row[], ours: string): string {
  const names = [...new Set(rows.flatMap(({ results: row }) => [...row.keys()]))];
  const cell = (row: Row, name: string) => {
    const value = row.results.get(name);
    const own = row.results.get(ours);
    if (value === undefined) return '';
    return name === ours || own === undefined ? short(value) : `${short(value)} (${(own / value).toFixed(2)}x)`;
  };
  const lines = [
    ['', ...names],
    ['---', ...names.map(() => '---:')],
    ...rows.map((row) => [row.task, ...names.map((name) => cell(row, name))]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Prints the table and writes it, and the plot, to `results/`. In brackets: how many times faster ours is. */
export async function report(library: string, ours: string, rows: readonly Row[]): Promise<void> {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const about = `Operations per second on ${processor}, Node ${process.versions.node}; in brackets, how many times faster ${ours} is.`;
  const text = `# ${library}\n\n${about}\n\n${table(rows, ours)}\n`;
  process.stdout.write(`\n${text}\n`);
  await mkdir(results, { recursive: true });
  const file = library.replace('@chat/', '');
  await writeFile(join(results, `${file}.md`), text);
  await writeFile(join(results, `${file}.svg`), barChart(library, about, rows));
}
