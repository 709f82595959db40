/** A heading and its rows of label and text, the texts one under the other. */

/** A label, and what stands beside it: one line or several. None leaves the row out. */
export type Row = readonly [label: string, text: string | readonly string[]];

const gap = '  ';

/** Every text is to be safe to print already. */
export function layout(heading: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.flatMap(([label, text]) =>
    [text].flat().map((line, i) => `${gap}${(i === 0 ? label : '').padEnd(width)}${gap}${line}`),
  );
  return `${[heading, ...lines].join('\n')}\n`;
}
