/** A run: users connect and create rooms, and then one random action is taken at each step. */
import { open, rooms, type Step, steps } from './steps.ts';
import type { World } from './world.ts';

/** Returns one of the steps, by their weights. */
export function chosen(world: World, from: readonly Step[] = steps): Step[1] {
  let left = world.random.below(from.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, act] of from) {
    left -= weight;
    if (left < 0) return act;
  }
  return () => {};
}

/** Options of `play`. */
export interface PlayOptions {
  /** The steps to choose from. Default: all that a run has. */
  readonly from?: readonly Step[];
  /** Called before each step. */
  readonly before?: (step: number) => void;
}

/** Connects all users, lets the first ones create rooms and others join them, and then takes `count` steps. */
export async function play(world: World, count: number, { from, before }: PlayOptions = {}): Promise<void> {
  const { people, random, time } = world;
  for (const person of people) person.start();
  await time.pass(500);
  const opened = rooms.slice(0, random.between(1, rooms.length));
  for (const [index, room] of opened.entries()) open(world, people[index], room);
  await time.pass(2_000);
  for (const person of people) if (random.chance(0.7)) person.join(random.pick(opened) ?? 'north');
  await time.pass(random.below(2_000));
  for (let step = 0; step < count; step++) {
    before?.(step);
    chosen(world, from)(world, step);
    // Mostly the next action begins while this one is still in flight.
    await time.pass(random.chance(0.1) ? random.between(1_000, 15_000) : random.between(0, 400));
  }
}
