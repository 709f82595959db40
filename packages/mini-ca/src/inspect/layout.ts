/** Lays out a heading and rows of label and text in two columns. */

/** A label and its text of one or more lines. A row without lines is omitted. */
export type Row = readonly [label: string, text: string | readonly string[]];

const gap = '  ';

/** Returns the lines. The texts must already be safe to print. */
export function layout(heading: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.flatMap(([label, text]) =>
    [text].flat().map((line, i) => `${gap}${(i === 0 ? label : '').padEnd(width)}${gap}${line}`),
  );
  return `${[heading, ...lines].join('\n')}\n`;
}
