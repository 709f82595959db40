/** A safety number as two users read it to each other. */

const groupsPerRow = 4;

/** Returns the groups of five digits in rows of four, each row indented by `indent`. */
export function safetyNumberRows(number: string, indent: string): string {
  const groups = number.split(' ');
  const rows = Array.from({ length: Math.ceil(groups.length / groupsPerRow) }, (_, row) =>
    groups.slice(row * groupsPerRow, (row + 1) * groupsPerRow),
  );
  return rows.map((row) => indent + row.join('  ')).join('\n');
}
