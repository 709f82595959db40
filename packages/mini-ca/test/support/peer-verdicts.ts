/** Compares the verdicts of a peer with the table, which lists for each row in which versions the peer differs from us. */

export type Verdict = 'accepts' | 'refuses';

/** Versions of a peer whose verdict on a row is not ours. */
export interface Difference {
  /** The clause of RFC 5280 that decides, or the rule of this package that is stricter. */
  readonly clause: string;
  /** The first version that differs. Default: every version up to `until`. */
  readonly from?: string;
  /** The last version that differs. Default: every version from `from` on. */
  readonly until?: string;
}

/** One row, and what the peer says about it. */
export interface Asked {
  readonly row: string;
  readonly ours: Verdict;
  readonly difference: Difference | null;
  readonly got: Verdict;
}

/** A row on which the peer's verdict is not the one that the table lists for its version. */
export interface Unexpected {
  readonly row: string;
  readonly expected: Verdict;
  readonly got: Verdict;
}

/** Returns the rows of which the peer, in this version, says something else than the table. */
export function unexpectedVerdicts(version: string, asked: readonly Asked[]): Unexpected[] {
  return asked.flatMap(({ row, ours, difference, got }) => {
    const differs = difference !== null && isWithin(version, difference);
    const expected = differs ? (ours === 'accepts' ? 'refuses' : 'accepts') : ours;
    return got === expected ? [] : [{ row, expected, got }];
  });
}

function isWithin(version: string, { from, until }: Difference): boolean {
  return (from === undefined || compare(from, version) <= 0) && (until === undefined || compare(version, until) <= 0);
}

/** Negative, zero or positive, as for `sort`. A version without numbers is before every other. */
function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => (version.match(/\d+/g) ?? []).map(Number));
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
