/** What the Tab key does with the candidates of a completion. */

/** Candidates that are listed. */
const maxListed = 60;

/** Returns the beginning that all of the candidates have. */
export function commonBeginning([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  while (!others.every((other) => other.startsWith(first.slice(0, length)))) length -= 1;
  return first.slice(0, length);
}

/** Returns the candidates on one line, the first of them if there are many. */
export function listOf(candidates: readonly string[]): string {
  const more = candidates.length > maxListed ? ` and ${candidates.length - maxListed} more` : '';
  return `${candidates
    .slice(0, maxListed)
    .map((each) => each.trim())
    .join('  ')}${more}`;
}
