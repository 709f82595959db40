/** Compares what writers were promised with what a reader has read. */

/** What is wrong with a delivery: a text and what happened to it. */
export interface Fault {
  readonly kind: 'lost' | 'doubled' | 'out-of-order' | 'invented';
  readonly text: string;
}

/** What the writers did. Texts have the form `writer number`, and the numbers of a writer increase. */
export interface Promised {
  /** All texts that a writer handed to its client. */
  readonly sent: readonly string[];
  /** Those that its client reported as delivered. */
  readonly acknowledged: readonly string[];
}

const writerOf = (text: string): string => text.split(' ')[0] ?? '';
const numberOf = (text: string): number => Number(text.split(' ')[1]);

/** Returns every acknowledged text that was not read, and every text that was read twice, in a wrong order or without being sent. */
export function faultsIn({ sent, acknowledged }: Promised, read: readonly string[]): Fault[] {
  const known = new Set(sent);
  const seen = new Set<string>();
  const latest = new Map<string, number>();
  const faults: Fault[] = [];
  for (const text of read) {
    if (!known.has(text)) faults.push({ kind: 'invented', text });
    if (seen.has(text)) faults.push({ kind: 'doubled', text });
    else if (numberOf(text) < (latest.get(writerOf(text)) ?? 0)) faults.push({ kind: 'out-of-order', text });
    seen.add(text);
    latest.set(writerOf(text), Math.max(numberOf(text), latest.get(writerOf(text)) ?? 0));
  }
  return [...faults, ...acknowledged.filter((text) => !seen.has(text)).map((text): Fault => ({ kind: 'lost', text }))];
}
