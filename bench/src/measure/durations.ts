/** How long single operations take, from a tenth of a millisecond to seconds: in turns, so that all meet the same machine. */
import { median, type Plan } from './measure.ts';

export interface Timed {
  readonly name: string;
  readonly operation: () => unknown;
}

/** In ms, for one operation in all rounds. Whatever takes long is measured once or twice instead of in every round. */
const MOST = 2500;

async function once(operation: () => unknown): Promise<number> {
  const start = performance.now();
  await operation();
  return performance.now() - start;
}

/** The median duration of each operation in ms, by name. */
export async function durations(timed: readonly Timed[], { rounds, time }: Plan): Promise<Map<string, number>> {
  const measured = timed.map(({ name, operation }) => ({ name, operation, spent: 0, values: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const one of measured) {
      if (one.spent > MOST) continue;
      const start = performance.now();
      // What is short enough runs once for nothing, since the others have had the caches meanwhile.
      const first = await once(one.operation);
      const values = first < time ? [] : [first];
      while (performance.now() - start < time || values.length === 0) values.push(await once(one.operation));
      one.values.push(median(values));
      one.spent += performance.now() - start;
    }
  }
  return new Map(measured.map(({ name, values }) => [name, median(values)]));
}
