/** The actions of a run. The seed decides who acts, on which user and in which room. */
import type { Policy, RoomName } from '@chat/protocol';
import { withoutWrap, wrapsIn } from '../../../packages/server-core/src/ports/wrap-sheet.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import type { World } from './world.ts';

const day = 24 * 60 * 60 * 1000;
export const rooms = ['north', 'south', 'west'] as const;

const policies: readonly Policy[] = [
  { join: 'open', history: 'since-join' },
  { join: 'open', history: 'since-join' },
  { join: 'open', history: 'all' },
  { join: 'invite', history: 'since-join' },
  { join: 'invite', history: 'all' },
  { join: 'verified', history: 'since-join' },
];

type Act = (world: World, step: number) => void;

/** An action, and its weight in the choice. */
export type Step = readonly [weight: number, act: Act];

/** Picks a user who is in a room, and one of that user's rooms. */
function somewhere({ people, random }: World): { person: SimulatedUser; room: RoomName } | null {
  const person = random.pick(people.filter(({ inRooms }) => inRooms));
  const room = random.pick(person?.client?.rooms() ?? []);
  return person === undefined || room === undefined ? null : { person, room: room.roomName };
}

export function open(world: World, person: SimulatedUser | undefined, room: RoomName): void {
  person?.create(room, world.random.pick(policies));
}

const say: Act = (world, step) => {
  const place = somewhere(world);
  place?.person.say(place.room, `${place.person.user} says the secret of step ${step}`);
};

const words = ['reply', 'edit', 'edit', 'delete', 'react', 'react', 'action', 'hide'] as const;

/** A user answers, edits, deletes, reacts or hides. */
const sayOtherwise: Act = (world, step) => {
  const { random } = world;
  const place = somewhere(world);
  const [kind, at] = [random.pick(words) ?? 'reply', random.below(1_000) / 1_000];
  const text = `${place?.person.user} has the ${kind} of step ${step}`;
  place?.person.sayOtherwise(place.room, { kind, text, at });
};

const enter: Act = (world) => {
  const { people, random } = world;
  const person = random.pick(people.filter(({ running }) => running));
  const room = random.pick(rooms) ?? 'north';
  // The room may not exist, and may not be open to the user.
  if (random.chance(0.1)) open(world, person, room);
  else if (random.chance(0.3)) person?.knock(room);
  else person?.join(room);
};

const invite: Act = (world) => {
  const place = somewhere(world);
  const other = world.random.pick(world.people);
  if (place === null || other === undefined) return;
  if (world.random.chance(0.5)) place.person.verify(other);
  place.person.invite(place.room, other.user);
};

const admit: Act = (world) => {
  const place = somewhere(world);
  const room = world.server.disk.names.get(place?.room ?? '');
  const knocker = world.random.pick([...(world.server.disk.knocks.get(room ?? '')?.keys() ?? [])]);
  if (knocker !== undefined) place?.person.invite(place.room, knocker);
};

const withdraw: Act = (world) => {
  const place = somewhere(world);
  const invited = world.random.pick(place?.person.client?.room(place.room)?.invited ?? []);
  if (invited !== undefined) place?.person.remove(place.room, invited.user);
};

/** An invited user declines. */
const decline: Act = ({ people, server, random }) => {
  const room = random.pick([...server.disk.rooms.values()].filter(({ invited }) => invited.length > 0));
  const user = random.pick(room?.invited ?? [])?.user;
  if (room?.name != null) people.find((each) => each.user === user)?.decline(room.name);
};

const openDirect: Act = ({ people, random }) => {
  const other = random.pick(people);
  const person = random.pick(people.filter((each) => each.running && each !== other));
  if (other !== undefined) person?.openDirect(other.user);
};

const leave: Act = (world) => {
  const place = somewhere(world);
  place?.person.leave(place.room);
};

const leaveTogether: Act = ({ people, random }) => {
  const room = random.pick(rooms) ?? 'north';
  const inRoom = people.filter(({ client }) => client?.room(room) != null);
  for (const person of inRoom.slice(0, 3)) person.leave(room);
};

/** A removal or a change of role by any member, of any member or removed user. */
const decide: Act = (world) => {
  const { random, server, people } = world;
  const room = random.pick([...server.disk.rooms.values()].filter(({ name }) => name !== null));
  const user = random.pick((room?.members ?? []).filter(({ role }) => role !== 'member' || random.chance(0.3)))?.user;
  const person = people.find((each) => each.user === user);
  const member = random.pick([...(room?.members ?? []), ...(room?.removed ?? [])]);
  const [name, other] = [room?.name ?? '', member?.user ?? ''];
  if (random.chance(0.4)) person?.remove(name, other);
  else person?.giveRole(name, other, random.pick(['owner', 'moderator', 'member'] as const) ?? 'member');
};

const revoke: Act = ({ people, server, random }) => {
  const person = random.pick(people);
  if (person !== undefined && random.chance(0.5)) server.revoke(person.user);
};

/** A user renews the identity key, after the client has read all rooms. Now and then the network or the machine fails meanwhile. */
const renew: Act = (world) => {
  const { people, random, time } = world;
  const person = random.pick(people.filter(({ hasReadAll }) => hasReadAll));
  if (person === undefined) return;
  person.renew();
  const fail = random.chance(0.3) ? () => person.crash() : () => person.cut();
  if (random.chance(0.5)) time.after(random.between(50, 400), () => world.isHealed || fail());
};

/** The server loses the wrap of a user who is offline, and has not fetched it. */
const loseWrap: Act = (world) => {
  const { people, server, random, lost } = world;
  const away = new Set(people.filter(({ client }) => client?.online !== true).map(({ fingerprint }) => fingerprint));
  const waiting = [...server.disk.sheets].flatMap(([room, sheets]) =>
    sheets
      .slice(-8)
      .flatMap((kept) => wrapsIn(kept.sheet).map(({ recipient }) => ({ room, kept, recipient })))
      .filter(({ recipient }) => away.has(recipient)),
  );
  const found = random.pick(waiting);
  if (found === undefined) return;
  const { room, kept, recipient } = found;
  lost.add(`${room} ${kept.number} ${world.idOf(recipient)}`);
  const sheets = server.disk.sheets.get(room) ?? [];
  const without = { ...kept, sheet: withoutWrap(kept.sheet, recipient) ?? kept.sheet };
  server.disk.sheets.set(
    room,
    sheets.map((each) => (each === kept ? without : each)),
  );
};

const part: Act = ({ people, random }) => {
  for (const person of people) {
    if (!random.chance(0.3)) continue;
    person.partitioned = true;
    person.cut();
  }
};

const meet: Act = ({ people }) => {
  for (const person of people) person.partitioned = false;
};

/** So slow that the next member takes over as the hub before the others see what this one did. */
const slow: Act = ({ people, random }) => {
  const person = random.pick(people);
  if (person !== undefined) person.latency = { least: 1_000, most: 6_000 };
};

const quick: Act = ({ people }) => {
  for (const person of people) person.latency = { least: 5, most: 60 };
};

const comeBack: Act = ({ people, random }) => random.pick(people.filter(({ running }) => !running))?.start();

/** What users do while the network works, without departures that leave a room empty. */
export const quietSteps: readonly Step[] = [
  [45, say],
  [20, sayOtherwise],
  [22, enter],
  [8, invite],
  [10, admit],
  [2, withdraw],
  [3, openDirect],
  [7, decide],
];

export const steps: readonly Step[] = [
  [70, say],
  [30, sayOtherwise],
  [22, enter],
  [8, invite],
  [10, admit],
  [2, withdraw],
  [3, decline],
  [3, openDirect],
  [4, leave],
  [2, leaveTogether],
  [7, decide],
  [1, revoke],
  [1, renew],
  [3, loseWrap],
  [14, ({ people, random }) => random.pick(people)?.cut()],
  [6, ({ people, random }) => random.pick(people)?.crash()],
  [5, ({ people, random }) => random.pick(people)?.stop()],
  [24, comeBack],
  [4, part],
  [5, meet],
  [4, slow],
  [5, quick],
  [3, ({ server }) => server.restart()],
  [2, ({ time, random }) => time.sleep(random.between(1, 5) * day)],
];

/** The same with many renewals of identity keys. */
export const stepsWithRenewals: readonly Step[] = [...steps, [25, renew]];
