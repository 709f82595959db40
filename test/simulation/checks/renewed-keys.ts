/** What has to hold of renewed identity keys with an honest server: all rooms have them, and the pins of all members follow. */
import { UserMap } from '@chat/room';
import type { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import type { HonestLog } from './honest-log.ts';

/** What happened to the identity keys of a run. */
export interface Renewals {
  /** Renewals that the server has confirmed to the user's client. */
  readonly confirmed: number;
  /** Logins that the server refused because it had the new key, whose confirmation was lost. */
  readonly unfinished: number;
  /** Entries with the key of a user who was invited. */
  readonly byInvited: number;
}

export function renewalsIn(world: World): Renewals {
  const events = world.people.flatMap((person) => person.events);
  return {
    confirmed: world.people.reduce((sum, { keys }) => sum + keys.length - 1, 0),
    unfinished: events.filter((event) => event.kind === 'refused' && event.code === 'renewal-unfinished').length,
    byInvited: world.logs().flatMap(({ renewals }) => renewals.filter(({ isInvited }) => isInvited)).length,
  };
}

/** Returns where the server, or a room of the user, has another key than the user. */
function ownFaults({ server }: World, { user, id, fingerprint }: SimulatedUser, logs: readonly HonestLog[]): string[] {
  const late = logs.filter(({ keys }) => (keys.get(id) ?? fingerprint) !== fingerprint);
  return [
    ...(server.keyOf(user) === fingerprint ? [] : [`the server has another key of ${user}`]),
    ...late.map(({ name }) => `${name}: the room has an earlier key of ${user}`),
  ];
}

/** Returns the users of the person's rooms whom the client knows by another key than the room, and those who are verified no more. */
function pinFaults({ people }: World, person: SimulatedUser, logs: readonly HonestLog[]): string[] {
  const pins = UserMap.of(person.stored.pins);
  const shared = logs.filter(({ members }) => members.has(person.id));
  const wrong = people.filter(({ user, id }) =>
    shared.some(({ keys }) => keys.has(id) && keys.get(id) !== pins.get(user)?.fingerprint),
  );
  const unverified = [...person.verified].filter((user) => pins.get(user)?.verified !== true);
  return [
    ...wrong.map(({ user }) => `${person.user} has pinned another key of ${user} than their room has`),
    ...unverified.map((user) => `${person.user} has verified ${user}, who is verified no more`),
  ];
}

/** Returns a sentence for each thing that is wrong. */
export function renewalFaults(world: World): readonly string[] {
  // A room without members is closed, and its invitations are void.
  const logs = world.logs().filter(({ members }) => members.size > 0);
  return world.people
    .filter(({ user }) => !world.server.isRevoked(user))
    .flatMap((person) => [...ownFaults(world, person, logs), ...pinFaults(world, person, logs)]);
}
