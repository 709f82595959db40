/** Work on long lists, in pieces between which other work goes on. */

/** Items that are ordered in one piece. */
const itemsPerTurn = 4096;

async function merged<T>(
  first: readonly T[],
  second: readonly T[],
  compare: (a: T, b: T) => number,
  turn: () => Promise<void>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let [left, right] = [0, 0];
  while (left < first.length || right < second.length) {
    if (items.length % itemsPerTurn === itemsPerTurn - 1) await turn();
    const isLeft =
      right >= second.length || (left < first.length && compare(first[left] as T, second[right] as T) <= 0);
    items.push((isLeft ? first[left++] : second[right++]) as T);
  }
  return items;
}

/**
 * Returns the items in their order. Those that compare as equal stay in the order in which they came.
 *
 * @param turn lets other work go on
 */
export async function sortedInTurns<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  turn: () => Promise<void>,
): Promise<readonly T[]> {
  let runs: (readonly T[])[] = [];
  for (let first = 0; first < items.length; first += itemsPerTurn) {
    if (first > 0) await turn();
    runs.push(items.slice(first, first + itemsPerTurn).sort(compare));
  }
  while (runs.length > 1) {
    const longer: (readonly T[])[] = [];
    for (let index = 0; index < runs.length; index += 2) {
      longer.push(await merged(runs[index] ?? [], runs[index + 1] ?? [], compare, turn));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}
