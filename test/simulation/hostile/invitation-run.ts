/**
 * One run of 40 days with invitations that end. With an honest server an ended one admits no user, a fresh one does, and the members
 * withdraw what has ended. A server that judges the age wrongly gains nothing: it can let a user in whom the members still invite,
 * or refuse a join, which its user learns; it ends no invitation for the members before their own clocks do.
 */
import { type Fingerprint, limits, type RoomName, type UserName } from '@chat/protocol';
import { composeJoin } from '@chat/room';
import type { Room, StoredEntry } from '@chat/server-core';
import { fieldsOf } from '../../support/payload-fields.ts';
import { honestFaults } from '../checks/honest-checks.ts';
import { play } from '../run/schedule.ts';
import { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import { SeenLogs } from './seen-log.ts';
import { TamperedConnection } from './tampered-connection.ts';

const steps = 40;
const day = 24 * 60 * 60 * 1_000;
const convergenceMs = 60_000;
/** After the end of an invitation: the first member who may withdraw it waits an hour, and seven more a day each. */
const withdrawnAfterMs = 9 * day;
/** For what clients note a little after the log shows it. */
const slackMs = 60 * 60_000;

/** What the server does with the age of invitations. */
export type InvitationLie = 'nothing' | 'never ends one' | 'ends all at once' | 'shows old times';
export const invitationLies: readonly InvitationLie[] = [
  'nothing',
  'never ends one',
  'ends all at once',
  'shows old times',
];

/** An invitation, as the server's log has it. */
interface Invitation {
  readonly roomId: string;
  readonly room: RoomName;
  readonly isOpen: boolean;
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  readonly at: number;
}

export interface InvitationOutcome {
  readonly lie: InvitationLie;
  /** Joins of users whose invitation had ended, and that were refused as such; members' withdrawals; joins by fresh invitations. */
  readonly refused: number;
  readonly withdrawn: number;
  readonly joined: number;
  readonly faults: readonly string[];
}

const roomsOf = ({ server }: World): Room[] =>
  [...server.disk.rooms.values()].filter(({ name, policy }) => name !== null && policy.join !== 'direct');

const waiting = (world: World): Invitation[] =>
  roomsOf(world).flatMap(({ room, name, policy, invited }) =>
    invited.map(({ user, fingerprint, at }) => ({
      ...{ roomId: room, room: name ?? '', isOpen: policy.join === 'open' },
      ...{ user, fingerprint, at },
    })),
  );

const isActive = ({ server }: World, person: SimulatedUser): boolean =>
  person.running && !server.isRevoked(person.user) && person.client?.refusal == null;

/** All machines sleep, and then connect again. */
async function sleep(world: World, ms: number): Promise<void> {
  world.time.sleep(ms);
  for (const person of world.people) person.cut();
  await world.time.pass(convergenceMs);
}

/** In each room a member invites up to three users. Returns these invitations. */
async function invite(world: World): Promise<Invitation[]> {
  const before = new Set(waiting(world).map(({ roomId, user }) => `${roomId} ${user}`));
  for (const { name, members, invited, removed } of roomsOf(world)) {
    const isIn = (person: SimulatedUser) =>
      [...members, ...invited, ...removed].some(({ user }) => user === person.user);
    const inviter = world.people.find(
      (person) => isActive(world, person) && members.some(({ user }) => user === person.user),
    );
    const others = world.people.filter((person) => isActive(world, person) && !isIn(person));
    for (const other of others.slice(0, 3)) {
      inviter?.verify(other);
      inviter?.invite(name ?? '', other.user);
    }
  }
  await world.time.pass(convergenceMs);
  // Clients note the age of invitations when they connect.
  await sleep(world, 0);
  return waiting(world).filter(({ roomId, user }) => !before.has(`${roomId} ${user}`));
}

async function join(world: World, invitations: readonly Invitation[]): Promise<void> {
  for (const { user, room } of invitations) world.people.find((person) => person.user === user)?.join(room);
  await world.time.pass(convergenceMs);
}

/** Changes when the server believes that all waiting invitations began. */
function believe(world: World, at: number): void {
  const { rooms } = world.server.disk;
  for (const [id, room] of rooms) rooms.set(id, { ...room, invited: room.invited.map((each) => ({ ...each, at })) });
  world.server.restart();
}

/** Shows every entry as if it were 40 days older. */
function showOldTimes(world: World): void {
  const unseen = () =>
    new SeenLogs(
      () => [],
      () => 0,
    );
  const toClient = (frame: Record<string, unknown>) => [
    frame['push'] === 'entry' ? { ...frame, at: Number(frame['at']) - 40 * day } : frame,
  ];
  for (const person of world.people) person.rewriting = () => new TamperedConnection([{ toClient }], unseen());
}

/** Returns the entries of a room that concern the membership of this user, after the invitation. */
const after = ({ server }: World, { roomId, fingerprint, at }: Invitation): StoredEntry[] =>
  (server.disk.logs.get(roomId) ?? []).filter(
    (each) =>
      each.at > at &&
      ((each.entry.type === 'join' && each.entry.by === fingerprint) ||
        (each.entry.type === 'remove' && fieldsOf(each.entry.payload)['fingerprint'] === fingerprint)),
  );

const hasJoined = (world: World, invitation: Invitation): boolean =>
  after(world, invitation).some(({ entry }) => entry.type === 'join');

const wasRefused = (world: World, { user, room }: Invitation): boolean =>
  world.people.some(
    (person) =>
      person.user === user &&
      person.refusals.some(
        ({ what, code, reason }) => what === 'join' && code === 'invitation-expired' && reason.includes(room),
      ),
  );

/** Returns whether a member is there who may withdraw the invitation: the owner always may. */
const hasOwner = (world: World, { roomId }: Invitation): boolean =>
  world.people.some(
    (person) =>
      isActive(world, person) &&
      world.server.disk.rooms.get(roomId)?.members.some(({ user, role }) => user === person.user && role === 'owner'),
  );

/** A user whose invitation was withdrawn joins all the same, with the server's help. Returns a fault if a member accepts that. */
async function joinWithdrawn(world: World, invitation: Invitation): Promise<string[]> {
  const { roomId, user } = invitation;
  const person = world.people.find((each) => each.user === user);
  const room = world.server.disk.rooms.get(roomId);
  if (person === undefined || room === undefined) return [];
  const author = { user, signer: person.signer, now: world.time.now() };
  await world.server.insist(roomId, composeJoin(author as Parameters<typeof composeJoin>[0], roomId, room.head));
  await world.time.pass(convergenceMs);
  return world.people.flatMap((member) => {
    const state = member.room(roomId)?.state;
    const isReader = isActive(world, member) && room.members.some((each) => each.user === member.user);
    if (!isReader || state === undefined) return [];
    const isReported = member.events.some(
      (event) => event.kind === 'room' && event.roomId === roomId && event.event.kind === 'violation',
    );
    return isReported && state.members.get(invitation.fingerprint) === undefined
      ? []
      : [`${member.user} has not reported the join of ${user}, whose invitation was withdrawn`];
  });
}

export async function invitationRun(seed: number): Promise<InvitationOutcome> {
  const lie = invitationLies[seed % invitationLies.length] ?? 'nothing';
  const world = new World(seed);
  await play(world, steps);
  world.heal();
  await world.time.pass(convergenceMs);
  if (lie === 'shows old times') showOldTimes(world);

  const old = await invite(world);
  await sleep(world, 20 * day);
  const fresh = await invite(world);
  await sleep(world, 10 * day);
  if (lie === 'never ends one') believe(world, world.time.now());
  if (lie === 'ends all at once') believe(world, 0);
  await sleep(world, 0);
  const late = old.filter((_, index) => index % 2 === 0);
  await join(world, [...late, ...fresh]);
  for (let passed = 0; passed < withdrawnAfterMs; passed += day) await sleep(world, day);

  const faults = [...honestFaults(world)];
  for (const invitation of late) {
    if (invitation.isOpen || lie === 'never ends one') continue;
    const { user, room } = invitation;
    if (hasJoined(world, invitation)) faults.push(`${user} has joined ${room} by an invitation that had ended`);
    else if (!wasRefused(world, invitation))
      faults.push(`${user} was not told that the invitation to ${room} has ended`);
  }
  for (const invitation of fresh) {
    const { user, room, isOpen } = invitation;
    if (isOpen || hasJoined(world, invitation)) continue;
    const isLie = lie === 'ends all at once' && wasRefused(world, invitation);
    if (!isLie) faults.push(`${user} could not join ${room} by a fresh invitation`);
  }
  let withdrawn = 0;
  for (const invitation of [...old, ...fresh]) {
    const { user, room, at } = invitation;
    const removal = after(world, invitation).find(({ entry }) => entry.type === 'remove');
    if (removal !== undefined) withdrawn += 1;
    if (removal !== undefined && removal.at - at < limits.invitationAge - slackMs) {
      faults.push(`the invitation of ${user} to ${room} was withdrawn after ${(removal.at - at) / day} days`);
    }
  }
  for (const invitation of old) {
    const waits = waiting(world).some(({ roomId, user }) => roomId === invitation.roomId && user === invitation.user);
    if (waits && hasOwner(world, invitation)) faults.push(`${invitation.user} is still invited to ${invitation.room}`);
  }
  const gone = old.find((each) => !each.isOpen && after(world, each).at(-1)?.entry.type === 'remove');
  if (gone !== undefined && lie === 'never ends one') faults.push(...(await joinWithdrawn(world, gone)));
  world.end();
  return {
    ...{ lie, withdrawn, faults },
    refused: late.filter((each) => wasRefused(world, each)).length,
    joined: fresh.filter((each) => hasJoined(world, each)).length,
  };
}
