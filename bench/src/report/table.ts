/** Figures of several contenders at several tasks, and how they look in Markdown. */
import type { Quantity } from '../measure/quantity.ts';

export interface Row {
  /** What was done, e.g. `encrypt 256 B`. */
  readonly task: string;
  /** By contender; who takes no part in a task is not in it. */
  readonly results: ReadonlyMap<string, number>;
}

export interface Table {
  /** Set above it where a report has several. */
  readonly title: string;
  readonly quantity: Quantity;
  /** The contender that the others are compared with. */
  readonly ours: string;
  readonly rows: readonly Row[];
}

/** Every contender of the table, in the order of their first figure. */
export function contendersOf({ rows }: Table): string[] {
  return [...new Set(rows.flatMap(({ results }) => [...results.keys()]))];
}

/** How many times better ours is, written behind the figures of the others. */
function ratio({ quantity, ours }: Table, { results }: Row, value: number): string {
  const own = results.get(ours);
  if (own === undefined) return '';
  const times = quantity.better === 'more' ? own / value : value / own;
  return ` (${times.toFixed(times >= 100 ? 0 : times >= 10 ? 1 : 2)}x)`;
}

/** Its columns are aligned, as the terminal and the formatter have it. */
export function markdown(table: Table): string {
  const { quantity, ours, rows } = table;
  const names = contendersOf(table);
  const cell = (row: Row, name: string) => {
    const value = row.results.get(name);
    if (value === undefined) return '';
    return name === ours ? quantity.text(value) : quantity.text(value) + ratio(table, row, value);
  };
  const lines = [['', ...names], ...rows.map((row) => [row.task, ...names.map((name) => cell(row, name))])];
  const widths = ['', ...names].map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const [heading = '', ...others] = lines.map((cells) => {
    const padded = cells.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)));
    return `| ${padded.join(' | ')} |`;
  });
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [heading, `| ${rule.join(' | ')} |`, ...others].join('\n');
}
