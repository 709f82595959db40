/** Measures contenders in turns, in several rounds, so that load on the machine affects all of them. */
import { Bench } from 'tinybench';

/** A contender that does one operation, in this process or in another one. */
export type Contender =
  | { readonly name: string; readonly operation: () => unknown }
  /** Measures itself for that many ms. Returns operations per second. */
  | { readonly name: string; readonly measure: (ms: number) => Promise<number> };

/** The extent of a measurement. */
export interface Plan {
  readonly rounds: number;
  /** Time for each contender in each round, in ms. */
  readonly time: number;
}

/** Returns the median of values in any order. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - (sorted.length % 2 === 0 ? 1 : 0)] ?? Number.NaN, sorted[middle] ?? Number.NaN];
  return (low + high) / 2;
};

async function once(contender: Contender, time: number): Promise<number> {
  if ('measure' in contender) return contender.measure(time);
  const bench = new Bench({ time, warmupTime: time / 4, throws: true });
  bench.add(contender.name, contender.operation);
  const [task] = await bench.run();
  if (task?.result.state !== 'completed') throw new Error(`${contender.name} did not finish`);
  // Not the mean throughput: a mean of reciprocals favours contenders with a few fast runs.
  return 1000 / task.result.latency.mean;
}

/** Returns operations per second of each contender by name: medians over the rounds. */
export async function compare(contenders: readonly Contender[], { rounds, time }: Plan): Promise<Map<string, number>> {
  const measured = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another contender, so that none always follows the one that leaves the most garbage.
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      measured.get(contender.name)?.push(await once(contender, time));
    }
  }
  return new Map([...measured].map(([name, values]) => [name, median(values)]));
}
