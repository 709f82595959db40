/** Checks that clients that have read the same log have the same state of its room, and that it is the server's. */
import type { RoomState } from '@chat/room';
import type { Room } from '@chat/server-core';
import type { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';

type People = Readonly<Record<string, { readonly user: string; readonly seq: number }>>;

const lines = (people: People, role: (fingerprint: string) => string = () => ''): readonly string[] =>
  Object.entries(people)
    .map(([fingerprint, { user, seq }]) => `${user} ${fingerprint} ${seq} ${role(fingerprint)}`)
    .sort();

/** Memberships, roles and the current epoch, which have to be the same for all. Returns a text to compare. */
function standing({ members, invited, removed, revoked, epoch }: RoomState): string {
  const joined = Object.fromEntries([...members].map(([who, { user, joinedAt }]) => [who, { user, seq: joinedAt }]));
  const roleOf = (who: string) => `${members.get(who)?.role} ${members.get(who)?.roleSeq}`;
  const key = epoch === null ? null : { number: epoch.number, hash: epoch.hash, answers: epoch.answers };
  return JSON.stringify([
    lines(joined, roleOf),
    lines(invited.toJSON()),
    lines(removed.toJSON()),
    lines(revoked.toJSON()),
    key,
  ]);
}

/** The same text, from the server's state of the room. */
function standingAtServer({ members, invited, removed, revoked, epoch }: Room): string {
  const roles = new Map(members.map((member) => [member.fingerprint, `${member.role} ${member.roleSeq}`]));
  const byKey = (people: readonly { fingerprint: string; user: string; seq: number }[]) =>
    Object.fromEntries(people.map((person) => [person.fingerprint, person]));
  const joined = byKey(members.map((member) => ({ ...member, seq: member.joinedAt })));
  const key = epoch === null ? null : { number: epoch.number, hash: epoch.hash, answers: epoch.answers };
  const roleOf = (who: string) => roles.get(who) ?? '';
  return JSON.stringify([
    lines(joined, roleOf),
    lines(byKey(invited)),
    lines(byKey(removed)),
    lines(byKey(revoked)),
    key,
  ]);
}

/**
 * True if the client has refused the entry that creates the room, and reported it: the name is not the one that the user looked up.
 * Then no entry has an effect there, and the client knows nothing of the room but its log hash.
 */
const hasRefusedCreate = ({ events }: SimulatedUser, { room, policy }: RoomState): boolean =>
  policy === null &&
  events.some(
    (event) =>
      event.kind === 'room' &&
      event.roomId === room &&
      event.event.kind === 'violation' &&
      event.event.code === 'wrong-create' &&
      event.event.seq === 1,
  );

/** Returns where the states of clients differ although they have read the same log. */
export function disagreements({ people }: World): readonly string[] {
  const faults: string[] = [];
  const first = new Map<string, { readonly user: string; readonly known: string }>();
  for (const person of people) {
    const { user, stored } = person;
    for (const { name, state } of Object.values(stored.rooms)) {
      if (hasRefusedCreate(person, state)) continue;
      const known = standing(state);
      const other = first.get(state.head.hash);
      if (other === undefined) first.set(state.head.hash, { user, known });
      else if (other.known !== known) faults.push(`${name}: ${other.user} and ${user} differ: ${other.known} ${known}`);
    }
  }
  return faults;
}

/** Returns where the state of a client differs from the server's although the client has read the whole log. */
export function differences({ people, server }: World): readonly string[] {
  return people.flatMap(({ user, stored }) =>
    Object.values(stored.rooms).flatMap(({ name, state }) => {
      const room = server.disk.rooms.get(state.room);
      if (room === undefined || server.disk.logHashes.get(state.room)?.at(-1) !== state.head.hash) return [];
      const [ours, theirs] = [standing(state), standingAtServer(room)];
      return ours === theirs ? [] : [`${name}: ${user} knows ${ours}, the server ${theirs}`];
    }),
  );
}
