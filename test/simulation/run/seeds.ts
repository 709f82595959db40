/** Which seeds a test runs: some in every run, all in the full run, or the one that the environment names. */
import { isFullRun } from '@chat/testkit';

/** `CHAT_SEED=n` runs seed n only. `CHAT_SEEDS=n` sets the number of seeds of the full run. */
const asked = process.env['CHAT_SEED'];

const quickRunSeeds = 8;
/** A seed makes one of the many attacks of a hostile server, and nearly all of the steps with an honest one. */
const fullRunSeeds = { honest: 700, hostile: 1_000 };

function groups(first: number, last: number, size: number): number[][] {
  const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return Array.from({ length: Math.ceil(seeds.length / size) }, (_, index) =>
    seeds.slice(index * size, (index + 1) * size),
  );
}

/** The seeds that every run has, as one test. */
export const fewSeeds: readonly number[] = firstSeeds(quickRunSeeds, quickRunSeeds);

/** Returns the first seeds: so many in a user's run, and so many in the full run. */
export function firstSeeds(quick: number, full: number): readonly number[] {
  if (asked !== undefined) return [Number(asked)];
  return Array.from({ length: isFullRun ? full : quick }, (_, index) => 1 + index);
}

const seedsOf = (server: keyof typeof fullRunSeeds): number =>
  Number(process.env['CHAT_SEEDS'] ?? fullRunSeeds[server]);
/** Returns the groups that only the full run has. */
export const manySeeds = (server: keyof typeof fullRunSeeds): readonly (readonly number[])[] =>
  groups(quickRunSeeds + 1, seedsOf(server), 60);
/** True unless the environment asks for fewer seeds than the full run has. */
export const hasAllSeeds = (server: keyof typeof fullRunSeeds): boolean =>
  asked === undefined && seedsOf(server) >= fullRunSeeds[server];

export const nameOf = (seeds: readonly number[]): string =>
  seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds.at(-1)}`;

/** Returns the command that runs a failed seed again. */
export const replay = (seed: number, file: string): string => `CHAT_SEED=${seed} npx --yes pnpm@12 vitest run ${file}`;
