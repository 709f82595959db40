/** Reads the tables of a Markdown document. */

export interface Table {
  /** The nearest heading above the table, without number signs. */
  readonly heading: string;
  readonly columns: readonly string[];
  /** The text of the cells, without the space around it. */
  readonly rows: readonly (readonly string[])[];
}

const cellsOf = (line: string) =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

export function tablesOf(markdown: string): readonly Table[] {
  const lines = markdown.split('\n');
  return lines.flatMap((line, at) => {
    if (!/^\|[\s:|-]+\|$/.test(line)) return [];
    const after = lines.slice(at + 1);
    const end = after.findIndex((each) => !each.startsWith('|'));
    const heading = lines.slice(0, at).findLast((each) => each.startsWith('#')) ?? '';
    return [
      {
        heading: heading.replace(/^#+ /, ''),
        columns: cellsOf(lines[at - 1] ?? ''),
        rows: after.slice(0, end === -1 ? undefined : end).map(cellsOf),
      },
    ];
  });
}

/** Returns the code spans of a cell, in order. */
export const codesIn = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');
