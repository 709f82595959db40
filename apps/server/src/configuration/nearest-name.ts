/** Finds the name that a user may have meant. */

/** Returns the number of letters to insert, remove, replace or swap with the next one, to get from one word to the other. */
function distanceOf(from: string, to: string): number {
  // Row r has the distances of the first r letters of `from` to each beginning of `to`.
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    rows.push(next);
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (isSame ? 0 : 1),
          isSwapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(from.length, to.length);
}

/** Returns the name that is nearest to a word, or that the word is a part of; null when none is near. */
export function nearestName(word: string, names: readonly string[]): string | null {
  const plain = word
    .slice(0, 60)
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
  const found = names
    .map((name) => ({ name, distance: distanceOf(plain, name) }))
    .reduce((best, each) => (each.distance < best.distance ? each : best));
  if (found.distance <= Math.max(1, Math.floor(plain.length / 4))) return found.name;
  return names.find((name) => plain.length > 3 && name.includes(plain)) ?? null;
}
