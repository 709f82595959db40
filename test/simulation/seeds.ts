/** Which seeds a test runs: a few at every run, many in the full one, or the one that is asked for. */

/** `CHAT_SEED=n` runs that seed alone. */
const asked = process.env['CHAT_SEED'];

/** Every fiftieth seed runs on the real cryptography, so each range holds one. */
const range = (count: number) => Array.from({ length: count }, (_, index) => 51 - Math.min(count, 51) + index);

export const fewSeeds: readonly number[] = asked === undefined ? range(8) : [Number(asked)];
/** Hundreds of seeds, a test for every fifty. */
export const manySeeds: readonly (readonly number[])[] = Array.from({ length: 10 }, (_, chunk) =>
  Array.from({ length: 50 }, (__, index) => 51 + 50 * chunk + index),
);

/** What to tell whoever sees a seed fail. */
export const replay = (seed: number, file: string): string => `CHAT_SEED=${seed} vitest run ${file}`;
