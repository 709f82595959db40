/** Which seeds a test runs: some at every run, all in the full one, or the one that is asked for. */

/** `CHAT_SEED=n` runs that seed alone; `CHAT_SEEDS=n` makes the full run one of n seeds of each kind. */
const asked = process.env['CHAT_SEED'];

/** Every fiftieth seed runs on the real cryptography. */
const few = 60;
const all = Number(process.env['CHAT_SEEDS'] ?? 1_500);

function groups(first: number, last: number, size: number): number[][] {
  const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return Array.from({ length: Math.ceil(seeds.length / size) }, (_, index) =>
    seeds.slice(index * size, (index + 1) * size),
  );
}

/** Groups of seeds, a test for each. */
export const fewSeeds: readonly (readonly number[])[] = asked === undefined ? groups(1, few, 20) : [[Number(asked)]];
/** All the others. */
export const manySeeds: readonly (readonly number[])[] = groups(few + 1, all, 240);

export const nameOf = (seeds: readonly number[]): string =>
  seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds.at(-1)}`;

/** What to tell whoever sees a seed fail. */
export const replay = (seed: number, file: string): string => `CHAT_SEED=${seed} vitest run ${file}`;
