/** A safety number as people read it to each other. */

const groupsInARow = 4;

/** Its groups of five digits in rows of four, each row with `indent` before it. */
export function safetyNumberRows(number: string, indent: string): string {
  const groups = number.split(' ');
  const rows = Array.from({ length: Math.ceil(groups.length / groupsInARow) }, (_, row) =>
    groups.slice(row * groupsInARow, (row + 1) * groupsInARow),
  );
  return rows.map((row) => indent + row.join('  ')).join('\n');
}
