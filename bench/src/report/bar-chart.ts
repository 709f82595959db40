/** Bar charts as SVG: one panel for each table, with a group of bars for each row. */
import { contendersOf, type Row, type Table } from './table.ts';

/** Colours in the order of the legend. The first one is the library's. */
const colours = ['#0969da', '#8c959f', '#bf8700', '#8250df', '#2da44e', '#cf222e', '#57606a'];

/** Sizes in pixels. */
const size = { margin: 24, letter: 6.8, bar: 330, value: 78, line: 15, gap: 11, legend: 22, top: 64 } as const;

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Maps a value to the end of its bar, as a share of the width, and lists the values of the grid lines. */
interface Axis {
  readonly marks: readonly number[];
  share(value: number, row: Row): number;
}

/** Returns one axis for all tables of a quantity, so that the panels can be compared. */
function axisOf({ quantity }: Table, tables: readonly Table[]): Axis {
  if (quantity.scale === 'share')
    return { marks: [], share: (value, row) => value / Math.max(...row.results.values()) };
  const rows = tables.filter((table) => table.quantity === quantity).flatMap((table) => table.rows);
  const values = rows.flatMap(({ results }) => [...results.values()]);
  // The axis begins at half of the smallest value, so that its bar is visible.
  const low = Math.floor(Math.log10(Math.min(...values) / 2));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  return {
    marks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
    share: (value) => (Math.log10(value) - low) / (high - low),
  };
}

const text = (x: number, y: number, content: string, attributes = '') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${attributes}>${escaped(content)}</text>`;

const markText = (mark: number) => (mark >= 1000 ? `${mark / 1000}k` : `${mark}`);

function heightOf({ rows }: Table): number {
  return rows.reduce((height, { results }) => height + results.size * size.line + size.gap, 0);
}

/** Draws the panel of one table. Its bars begin at `zero` and `y`, and their labels end before. */
function panel(table: Table, axis: Axis, names: readonly string[], zero: number, y: number): string[] {
  const bottom = y + heightOf(table);
  const { title, quantity } = table;
  const parts = [
    text(zero, y - 28, title === '' ? quantity.name : `${title}: ${quantity.name}`, ' font-weight="600"'),
    text(zero + size.bar, y - 28, `${quantity.better} is better`, ' text-anchor="end" fill="#57606a"'),
  ];
  for (const mark of axis.marks) {
    const x = zero + axis.share(mark, { task: '', results: new Map() }) * size.bar;
    parts.push(`<path d="M${x.toFixed(1)} ${y - 4}V${bottom - size.gap}" stroke="#d0d7de"/>`);
    parts.push(text(x, y - 8, markText(mark), ' text-anchor="middle" fill="#57606a"'));
  }
  let top = y;
  for (const row of table.rows) {
    const middle = top + (row.results.size * size.line) / 2 + 4;
    parts.push(text(zero - 10, middle, row.task, ' text-anchor="end"'));
    for (const [name, value] of row.results) {
      const width = Math.max(1.5, axis.share(value, row) * size.bar);
      const colour = colours[names.indexOf(name) % colours.length];
      parts.push(
        `<rect x="${zero}" y="${top + 1}" width="${width.toFixed(1)}" height="${size.line - 3}" rx="1.5" fill="${colour}"/>`,
      );
      parts.push(text(zero + width + 5, top + size.line - 4, table.quantity.text(value), ' fill="#24292f"'));
      top += size.line;
    }
    top += size.gap;
  }
  return parts;
}

/** Draws the legend in as many lines as it needs. Returns the position of the last line too. */
function legend(names: readonly string[], width: number): { parts: string[]; bottom: number } {
  let x: number = size.margin;
  let y: number = size.top + size.legend;
  const parts = names.flatMap((name, i) => {
    const entryWidth = 40 + name.length * size.letter;
    if (x > size.margin && x + entryWidth > width) [x, y] = [size.margin, y + size.legend];
    const swatch = `<rect x="${x}" y="${y - 10}" width="12" height="12" rx="2" fill="${colours[i % colours.length]}"/>`;
    const entry = text(x + 18, y, name);
    x += entryWidth;
    return [swatch, entry];
  });
  return { parts, bottom: y };
}

/** Returns a bar chart of the tables as SVG. */
export function barChart(title: string, about: string, tables: readonly Table[]): string {
  const names = [...new Set(tables.flatMap(contendersOf))];
  const labels = tables.flatMap(({ rows }) => rows.map(({ task }) => task.length));
  const labelWidth = Math.round(Math.max(0, ...labels) * size.letter) + 10;
  const panelWidth = labelWidth + size.bar + size.value;
  const width = 2 * size.margin + tables.length * panelWidth;
  const { parts, bottom } = legend(names, width);
  const barsTop = bottom + 60;
  const height = barsTop + Math.max(0, ...tables.map(heightOf)) + size.margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="12" fill="#24292f">`,
    `<title>${escaped(`${title} against its peers`)}</title>`,
    `<rect width="100%" height="100%" fill="white"/>`,
    text(size.margin, 34, title, ' font-size="20" font-weight="600"'),
    text(size.margin, 54, about, ' fill="#57606a"'),
    ...parts,
    ...tables.flatMap((table, i) =>
      panel(table, axisOf(table, tables), names, size.margin + i * panelWidth + labelWidth, barsTop),
    ),
    '</svg>\n',
  ].join('\n');
}
