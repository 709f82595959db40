/**
 * One run with a server that keeps two halves of its users apart: each half has a log of its own from then on, and the server
 * claims that all members are connected. No entry crosses from one half to the other, so only the missing heartbeats show it.
 */
import { play } from '../run/schedule.ts';
import { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import { SeenLogs } from './seen-log.ts';
import { type Frame, TamperedConnection, type Tampering } from './tampered-connection.ts';

const steps = 60;
const convergenceMs = 60_000;
/** The time within which a silence is reported in rooms of up to eight members, with some more for larger ones. */
const detectionMs = 20 * 60_000;

/** Claims that every member is connected. */
const allConnected = ({ server }: World): Tampering => ({
  toClient(frame, asked) {
    if (frame['push'] === 'presence') return [];
    if (asked?.['op'] !== 'subscribe' || frame['ok'] === undefined) return [frame];
    const members = server.disk.rooms.get(String(asked['room']))?.members ?? [];
    return [{ ...frame, ok: { ...(frame['ok'] as Frame), online: members.map(({ user }) => user) } }];
  },
});

/** Returns whether the user's client follows the room. */
const follows = (person: SimulatedUser, roomId: string): boolean =>
  person.client?.online === true && person.client.rooms().some((room) => room.roomId === roomId && room.caughtUp);

/** A pair of members whom the server keeps apart, and whether the first one's client has said so. */
export interface Separation {
  readonly user: string;
  readonly other: string;
  readonly reported: boolean;
}

/** Returns every pair of members in different halves. */
export async function partitionRun(seed: number): Promise<readonly Separation[]> {
  const world = new World(seed);
  await play(world, steps);
  world.heal();
  await world.time.pass(convergenceMs);
  const rooms = [...world.server.disk.rooms.values()].map(({ room, members }) => ({
    room,
    people: world.people.filter((person) => members.some(({ user }) => user === person.user) && follows(person, room)),
  }));

  const other = world.server.fork();
  const isElsewhere = (person: SimulatedUser) => world.people.indexOf(person) % 2 === 1;
  const before = new Map(world.people.map((person) => [person, person.events.length]));
  for (const person of world.people) {
    person.rewriting = () =>
      new TamperedConnection(
        [allConnected(world)],
        new SeenLogs(
          () => [],
          () => 0,
        ),
      );
    if (isElsewhere(person)) person.server = other;
    person.cut();
  }
  await world.time.pass(detectionMs);

  const separations = rooms.flatMap(({ room, people }) =>
    people.flatMap((person) =>
      people
        .filter((each) => isElsewhere(each) !== isElsewhere(person))
        .map((each) => ({
          user: person.user,
          other: each.user,
          reported: person.events
            .slice(before.get(person))
            .some((event) => event.kind === 'unheard' && event.roomId === room && event.user === each.user),
        })),
    ),
  );
  world.end();
  return separations;
}
