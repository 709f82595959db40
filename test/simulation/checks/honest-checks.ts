/** What has to hold with an honest server, once all clients are online again and nothing is in flight. */
import type { ClientEvent } from '@chat/client';
import { wasRemoved } from '@chat/room';
import type { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import { differences, disagreements } from './agreement.ts';
import { alarmText, isAlarm, usual } from './alarms.ts';
import type { HonestLog } from './honest-log.ts';
import { isServersLoss } from './lost-keys.ts';
import { leaked, obliged, permitted, readers } from './readers.ts';
import { renewalFaults } from './renewed-keys.ts';

/** The kinds of messages that stand for themselves. The others change one, and may count for nothing. */
const spoken: ReadonlySet<string> = new Set(['text', 'reply', 'action']);

type Shown = ReadonlyMap<number, { readonly user: string; readonly text: string }>;

/** Returns the messages that a client has shown in a room, by position, and adds contradictions to `faults`. */
function shownTo(person: SimulatedUser, { room }: HonestLog, faults: string[]): Shown {
  const shown = new Map<number, { user: string; text: string }>();
  for (const event of person.events) {
    if (event.kind !== 'room' || event.roomId !== room || event.event.kind !== 'message') continue;
    const { seq, user, text } = event.event;
    const before = shown.get(seq);
    if (before !== undefined && (before.text !== text || before.user !== user)) {
      faults.push(`${person.user} was shown two messages at ${seq}`);
    }
    shown.set(seq, { user, text });
  }
  return shown;
}

function checkRoom(world: World, log: HonestLog, faults: string[]): void {
  const at = (text: string) => faults.push(`${log.name}: ${text}`);
  const able = readers(world, log);
  const shown = new Map(world.people.map((person) => [person, shownTo(person, log, faults)]));
  const said = new Map<number, string>();

  for (const person of world.people) {
    for (const [seq, { user, text }] of shown.get(person) ?? []) {
      const message = log.messages.find((logged) => logged.seq === seq);
      if (message?.user !== user) at(`${person.user} was shown ${seq} as of ${user}, it is of ${message?.user}`);
      if ((said.get(seq) ?? text) !== text) at(`${seq} is shown with two texts`);
      said.set(seq, text);
    }
    checkMember(person, log, world.server.isRevoked(person.user), at);
  }

  const may = permitted(log);
  const must = obliged(world, log);
  for (const message of log.messages) {
    for (const person of world.people) {
      const read = shown.get(person)?.has(message.seq) ?? false;
      const allowed = may.get(message.epoch)?.has(person.id) ?? false;
      if (!allowed && (read || able.get(message.epoch)?.has(person))) at(`${person.user} can read ${message.seq}`);
      const isSpoken = spoken.has(world.derivations.kindOf(message.token));
      if (!read && isSpoken && must.get(message.epoch)?.has(person.id))
        at(`${person.user} has not read ${message.seq}`);
    }
  }
  for (const text of said.values()) {
    if ([...said.values()].filter((other) => other === text).length > 1) at(`"${text}" is on the log twice`);
  }
  for (const person of world.people) checkSaid(person, log, said, at);
}

/** True if the server has reported that the user is not a member: removed while offline, or the join was lost. */
const wasTold = (person: SimulatedUser): boolean =>
  person.events.some(
    (event) => event.kind === 'trouble' && (event.code === 'removed' || event.code === 'not-a-member'),
  );

function checkMember(person: SimulatedUser, log: HonestLog, isRevoked: boolean, at: (text: string) => void): void {
  const room = person.room(log.room);
  const isMember = log.members.has(person.id);
  if (!isMember) {
    // A client that left without an answer, or whose user was removed, reports it and keeps the room's history. So does one that goes on in
    // another direct room.
    const isMoved = room?.left === true && log.policy.join === 'direct';
    const told =
      room !== undefined &&
      (person.left.has(log.name) || wasRemoved(room.state) || wasTold(person) || isRevoked || isMoved);
    if (room !== undefined && !told) at(`${person.user} is not in the room and still has it`);
    return;
  }
  if (room === undefined) {
    at(`${person.user} is in the room and has lost it`);
    return;
  }
  const { state, outbox } = room;
  if (state.head.hash !== log.hashes.at(-1)) {
    at(`${person.user} is at ${state.head.seq} with another hash than the log at ${log.hashes.length - 1}`);
  }
  if (outbox.length > 0) at(`${person.user} has ${outbox.length} messages that were not sent`);
  if (state.secrets[state.epoch?.number ?? 0] === undefined) at(`${person.user} lacks the key`);
  if (state.epoch?.answers !== state.membershipSeq) at(`${person.user} waits for a key`);
}

function checkSaid(
  person: SimulatedUser,
  log: HonestLog,
  shown: ReadonlyMap<number, string>,
  at: (text: string) => void,
): void {
  for (const { room, text, seq, refused } of person.said) {
    if (room !== log.name) continue;
    if (refused !== null && !usual.has(refused)) at(`${person.user} was refused to say "${text}": ${refused}`);
    // A closed room may have been followed by another one of the same name.
    if (seq !== null && shown.get(seq) !== undefined && shown.get(seq) !== text) {
      if (![...shown.values()].includes(text)) continue;
      at(`"${text}" was confirmed at ${seq}, where "${shown.get(seq)}" is`);
    }
  }
}

const isShutOut = (event: ClientEvent): boolean => event.kind === 'refused' && event.code === 'access-revoked';

/** Returns a sentence for each thing that is wrong. */
export function honestFaults(world: World): readonly string[] {
  const isRevoked = ({ user }: SimulatedUser) => world.server.isRevoked(user);
  const faults = world.server.troubles.map((trouble) => `server: ${JSON.stringify(trouble)}`);
  for (const person of world.people) {
    const isTrue = (event: ClientEvent) =>
      (isRevoked(person) && isShutOut(event)) || isServersLoss(world, person, event);
    const told = (event: ClientEvent) => isAlarm(event) && !isTrue(event);
    for (const event of person.events) if (told(event)) faults.push(`${person.user}: ${alarmText(event)}`);
    for (const { what, code, reason } of person.refusals) {
      if (!usual.has(code)) faults.push(`${person.user}: ${what} was refused: ${code} ${reason}`);
    }
    if ((person.client?.online ?? false) === isRevoked(person))
      faults.push(`${person.user} is ${isRevoked(person) ? '' : 'not '}online`);
  }
  faults.push(...leaked(world), ...disagreements(world), ...differences(world), ...renewalFaults(world));
  for (const log of world.logs()) checkRoom(world, log, faults);
  return faults;
}
