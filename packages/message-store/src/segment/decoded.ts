/** Checks of what was decoded, as cheap as they can be: the blocks of a search have thousands of rows. */

/** Returns whether a value is a list of lists that have values of these types. */
export function isTuples(value: unknown, types: readonly ('number' | 'string')[]): boolean {
  if (!Array.isArray(value)) return false;
  for (const row of value) {
    if (!Array.isArray(row) || row.length !== types.length) return false;
    for (let index = 0; index < types.length; index += 1) if (typeof row[index] !== types[index]) return false;
  }
  return true;
}
