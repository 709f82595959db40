/** Durations of single operations, from a tenth of a millisecond to seconds. They run in turns, so that load on the machine affects all. */
import { median, type Plan } from './measure.ts';

/** An operation to measure, and its contender's name. */
export interface Timed {
  readonly name: string;
  readonly operation: () => unknown;
}

/** Time for one operation in all rounds, in ms. A long operation is measured once or twice instead of in every round. */
const maxOperationMs = 2500;

async function once(operation: () => unknown): Promise<number> {
  const start = performance.now();
  await operation();
  return performance.now() - start;
}

/** Returns the median duration of each operation in ms, by name. */
export async function durations(timed: readonly Timed[], { rounds, time }: Plan): Promise<Map<string, number>> {
  const measured = timed.map(({ name, operation }) => ({ name, operation, spent: 0, values: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const one of measured) {
      if (one.spent > maxOperationMs) continue;
      const start = performance.now();
      // A short operation runs once before it is measured, to fill the caches again.
      const first = await once(one.operation);
      const values = first < time ? [] : [first];
      while (performance.now() - start < time || values.length === 0) values.push(await once(one.operation));
      one.values.push(median(values));
      one.spent += performance.now() - start;
    }
  }
  return new Map(measured.map(({ name, values }) => [name, median(values)]));
}
