/** Whoever has read the same log knows the same room. */
import type { RoomState } from '@chat/room';
import type { Room } from '../../../packages/server-core/src/ports/room-store.ts';
import type { World } from '../run/world.ts';

type People = Readonly<Record<string, { readonly user: string; readonly seq: number }>>;

const lines = (people: People, role: (fingerprint: string) => string = () => ''): readonly string[] =>
  Object.entries(people)
    .map(([fingerprint, { user, seq }]) => `${user} ${fingerprint} ${seq} ${role(fingerprint)}`)
    .sort();

/** Who stands how in the room, and the key it has: what must be the same for all. */
function standing({ members, invited, removed, revoked, epoch }: RoomState): string {
  const joined = Object.fromEntries(
    Object.entries(members).map(([who, { user, joinedAt }]) => [who, { user, seq: joinedAt }]),
  );
  const roleOf = (who: string) => `${members[who]?.role} ${members[who]?.roleSeq}`;
  const key = epoch === null ? null : { number: epoch.number, hash: epoch.hash, answers: epoch.answers };
  return JSON.stringify([lines(joined, roleOf), lines(invited), lines(removed), lines(revoked), key]);
}

/** The same as the server has it. */
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

/** Where people who have read the same do not know the same, in words. */
export function disagreements({ people }: World): readonly string[] {
  const faults: string[] = [];
  const first = new Map<string, { readonly user: string; readonly known: string }>();
  for (const { user, stored } of people) {
    for (const { name, state } of Object.values(stored.rooms)) {
      const known = standing(state);
      const other = first.get(state.head.hash);
      if (other === undefined) first.set(state.head.hash, { user, known });
      else if (other.known !== known) faults.push(`${name}: ${other.user} and ${user} differ: ${other.known} ${known}`);
    }
  }
  return faults;
}

/** Where people know another room than the server, though they have read the same log, in words. */
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
