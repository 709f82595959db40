/** One run with a server that cheats. */

import { play } from '../schedule.ts';
import type { SimulatedPerson } from '../simulated-person.ts';
import { World } from '../world.ts';
import { chooseLie, noise } from './frame-lies.ts';
import { type Attack, type HostileResult, hostileResult } from './hostile-checks.ts';
import { chooseEdit } from './log-edit.ts';
import { type Deviation, ShownLog } from './shown-log.ts';

const steps = 200;
const settlesWithin = 40_000;

/** Begins to cheat on some people; null when there is no room yet where it could matter. */
function attack(world: World): Attack | null {
  const { random, people, server } = world;
  const room = random.pick(
    [...server.disk.rooms.values()].filter(({ members, name }) => name !== null && members.length > 1),
  );
  if (room === undefined) return null;
  const users = new Set(room.members.map(({ user }) => user));
  const newcomers = random.chance(0.3);
  const some = (from: readonly SimulatedPerson[]) => {
    const picked = from.filter(() => random.chance(0.4));
    return new Set(picked.length > 0 ? picked : from.slice(0, 1));
  };
  const victims = some(people.filter(({ user }) => users.has(user) !== newcomers));
  const aboutTheLog = random.chance(0.8);
  const deviation: Deviation | null = aboutTheLog
    ? {
        room: room.room,
        edit: chooseEdit(world, room.room),
        from: newcomers ? random.between(1, room.head + 1) : room.head + 1,
        effective: false,
        divergesAt: Number.POSITIVE_INFINITY,
      }
    : null;
  const lie = aboutTheLog ? null : chooseLie(world);
  for (const victim of victims) {
    victim.rewriting = () => new ShownLog(deviation, lie?.rewriting ?? noise(world));
    victim.cut();
    if (newcomers && room.name !== null) victim.join(room.name);
  }
  return {
    victims,
    deviation,
    told: lie?.told ?? null,
    before: new Map(people.map((person) => [person, [...person.events]])),
    made: new Set(world.derivations.contents.keys()),
  };
}

/** Everybody says something wherever they are: the first message that reaches somebody who can tell. */
function speak(world: World, round: number): void {
  for (const person of world.people) {
    for (const { name } of person.client?.rooms() ?? [])
      person.say(name, `${person.user} says the secret of round ${round} in ${name}`);
  }
}

export async function hostileRun(seed: number): Promise<HostileResult & { readonly trace: string }> {
  const world = new World(seed);
  const begins = world.random.between(20, steps / 2);
  let begun: Attack | null = null;
  await play(world, steps, (step) => {
    if (step >= begins) begun ??= attack(world);
  });
  world.heal();
  await world.time.pass(settlesWithin);
  for (const round of [1, 2]) {
    speak(world, round);
    await world.time.pass(settlesWithin / 2);
  }
  const result = hostileResult(world, begun);
  world.end();
  return { ...result, trace: world.traceHash() };
}
