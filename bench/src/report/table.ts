/** Values of several contenders for several tasks, as a Markdown table. */
import type { Quantity } from '../measure/quantity.ts';

/** The results of one task. */
export interface Row {
  /** The task, such as `encrypt 256 B`. */
  readonly task: string;
  /** Values by contender. A contender without a value is left out. */
  readonly results: ReadonlyMap<string, number>;
}

/** The results of one group of tasks. */
export interface Table {
  /** The heading, if a report has several tables. */
  readonly title: string;
  readonly quantity: Quantity;
  /** The contender that the others are compared with. */
  readonly ours: string;
  readonly rows: readonly Row[];
}

/** Returns the contenders of a table in the order of their first value. */
export function contendersOf({ rows }: Table): string[] {
  return [...new Set(rows.flatMap(({ results }) => [...results.keys()]))];
}

/** Returns how many times better the library is than a peer, in brackets; nothing where one of them is 0. */
function ratio({ quantity, ours }: Table, { results }: Row, value: number): string {
  const own = results.get(ours);
  if (own === undefined || own === 0 || value === 0) return '';
  const times = quantity.better === 'more' ? own / value : value / own;
  return ` (${times.toFixed(times >= 100 ? 0 : times >= 10 ? 1 : 2)}x)`;
}

/** Returns the table in Markdown with aligned columns. */
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
