/** What happens in a run: at each step one of these, by the seed. */
import type { World } from './world.ts';

const day = 24 * 60 * 60 * 1000;
const rooms = ['north', 'south', 'west'] as const;

/** A step, and how often it is chosen. */
type Step = readonly [weight: number, act: (world: World, step: number) => void];

const steps: readonly Step[] = [
  [
    90,
    function say({ people, random }, step) {
      const person = random.pick(people.filter(({ client }) => (client?.rooms().length ?? 0) > 0));
      const room = random.pick(person?.client?.rooms() ?? []);
      if (room !== undefined) person?.say(room.name, `${person.user} says the secret of step ${step}`);
    },
  ],
  [
    22,
    function enter({ people, random }) {
      const person = random.pick(people.filter(({ running }) => running));
      const room = random.pick(rooms) ?? 'north';
      // Whether it exists is found out by trying.
      if (random.chance(0.1)) person?.create(room);
      else person?.join(room);
    },
  ],
  [
    6,
    function leave({ people, random }) {
      const person = random.pick(people.filter(({ client }) => (client?.rooms().length ?? 0) > 0));
      const room = random.pick(person?.client?.rooms() ?? []);
      if (room !== undefined) person?.leave(room.name);
    },
  ],
  [
    2,
    function leaveTogether({ people, random }) {
      const room = random.pick(rooms) ?? 'north';
      const inRoom = people.filter(({ client }) => client?.room(room) != null);
      for (const person of inRoom.slice(0, 3)) person.leave(room);
    },
  ],
  [
    3,
    // By anybody who may, to anybody: owners and moderators among them in time.
    function decide({ people, random }) {
      const person = random.pick(people.filter(({ client }) => (client?.rooms().length ?? 0) > 0));
      const room = random.pick(person?.client?.rooms() ?? []);
      const member = random.pick(room?.members ?? []);
      const [name, user] = [room?.name ?? '', member?.user ?? ''];
      if (random.chance(0.4)) person?.remove(name, user);
      else person?.giveRole(name, user, random.pick(['owner', 'moderator', 'member'] as const) ?? 'member');
    },
  ],
  [14, ({ people, random }) => random.pick(people)?.cut()],
  [6, ({ people, random }) => random.pick(people)?.crash()],
  [5, ({ people, random }) => random.pick(people)?.stop()],
  [
    24,
    function comeBack({ people, random }) {
      random.pick(people.filter(({ running }) => !running))?.start();
    },
  ],
  [
    4,
    function part({ people, random }) {
      for (const person of people) {
        if (!random.chance(0.3)) continue;
        person.partitioned = true;
        person.cut();
      }
    },
  ],
  [
    5,
    function meet({ people }) {
      for (const person of people) person.partitioned = false;
    },
  ],
  [
    4,
    // Their turn as the hub passes before anybody hears of what they did.
    function slow({ people, random }) {
      const person = random.pick(people);
      if (person !== undefined) person.latency = { least: 1_000, most: 6_000 };
    },
  ],
  [
    5,
    function quick({ people }) {
      for (const person of people) person.latency = { least: 5, most: 60 };
    },
  ],
  [3, ({ server }) => server.restart()],
  [2, ({ time, random }) => time.sleep(random.between(1, 5) * day)],
];

const total = steps.reduce((sum, [weight]) => sum + weight, 0);

function chosen(world: World): Step[1] {
  let left = world.random.below(total);
  for (const [weight, act] of steps) {
    left -= weight;
    if (left < 0) return act;
  }
  return () => {};
}

/**
 * Everybody starts, the first few open rooms and others join them, and then so many steps are taken.
 *
 * @param before called before each step
 */
export async function play(world: World, count: number, before: (step: number) => void = () => {}): Promise<void> {
  const { people, random, time } = world;
  for (const person of people) person.start();
  await time.pass(500);
  const opened = rooms.slice(0, random.between(1, rooms.length));
  for (const [index, room] of opened.entries()) people[index]?.create(room);
  await time.pass(2_000);
  for (const person of people) if (random.chance(0.7)) person.join(random.pick(opened) ?? 'north');
  await time.pass(random.below(2_000));
  for (let step = 0; step < count; step++) {
    before(step);
    chosen(world)(world, step);
    // Mostly the next thing happens while this one is still under way.
    await time.pass(random.chance(0.1) ? random.between(1_000, 15_000) : random.between(0, 400));
  }
}
