/** What must hold whatever the server does. */
import type { ClientEvent } from '@chat/client';
import { alarmText, isAlarm, usual } from '../alarms.ts';
import type { HonestLog } from '../honest-log.ts';
import { leaked, readers } from '../readers.ts';
import type { SimulatedPerson } from '../simulated-person.ts';
import type { World } from '../world.ts';
import type { Told } from './frame-lies.ts';
import type { Deviation } from './shown-log.ts';

export interface Attack {
  readonly victims: ReadonlySet<SimulatedPerson>;
  readonly deviation: Deviation | null;
  readonly told: Told | null;
  /** What everybody had been told when it began. */
  readonly before: ReadonlyMap<SimulatedPerson, readonly ClientEvent[]>;
  /** The messages that had been made when it began. */
  readonly made: ReadonlySet<string>;
}

const raisesAlarm = (event: ClientEvent): boolean =>
  isAlarm(event) ||
  (event.kind === 'connection' && event.status === 'offline' && event.reason.includes('not of this protocol'));

const wasAlarmed = (person: SimulatedPerson): boolean =>
  person.events.some(raisesAlarm) ||
  person.refusals.some(({ code }) => !usual.has(code)) ||
  person.said.some(({ refused }) => refused !== null && !usual.has(refused));

/** Nothing is shown that was not said, by whom it was said, once. */
function checkShown(world: World, faults: string[]): void {
  const said = new Map(world.people.flatMap((person) => person.said.map((each) => [each.text, each])));
  for (const person of world.people) {
    const places = new Map<string, number>();
    for (const event of person.events) {
      if (event.kind !== 'room' || event.event.kind !== 'message') continue;
      const { text, user, seq } = event.event;
      const original = said.get(text);
      if (original?.user !== user || original.room !== event.name)
        faults.push(`${person.user} was shown "${text}" of ${user}`);
      if ((places.get(text) ?? seq) !== seq) faults.push(`${person.user} was shown "${text}" twice`);
      places.set(text, seq);
    }
  }
}

/** Nobody is shown to join, to leave or to make a key more often than they did. */
function checkDoings(world: World, log: HonestLog, faults: string[]): void {
  const done = new Map<string, number>();
  for (const { entry } of world.server.disk.logs.get(log.room) ?? []) {
    const key = `${doingOf[entry.type] ?? entry.type} ${entry.by}`;
    done.set(key, (done.get(key) ?? 0) + 1);
  }
  const fingerprints = new Map(world.people.map(({ user, fingerprint }) => [user, fingerprint]));
  for (const person of world.people) {
    const shown = new Map<string, Set<number>>();
    for (const event of person.events) {
      if (event.kind !== 'room' || event.room !== log.room) continue;
      const { kind, seq } = event.event;
      if (kind !== 'joined' && kind !== 'left' && kind !== 'epoch') continue;
      const by = kind === 'epoch' ? fingerprints.get(event.event.by) : event.event.fingerprint;
      const key = `${kind} ${by}`;
      shown.set(key, (shown.get(key) ?? new Set()).add(seq));
    }
    for (const [key, places] of shown) {
      const isOurs = [...fingerprints.values()].some((fingerprint) => key.endsWith(fingerprint));
      if (isOurs && places.size > (done.get(key) ?? 0)) faults.push(`${person.user} was shown too often: ${key}`);
    }
  }
}

const doingOf: Readonly<Record<string, string>> = { create: 'joined', join: 'joined', leave: 'left' };

/**
 * Whoever reads a message whose author was shown another log, and had seen of it what differs, has been told by then.
 */
function checkReported(world: World, log: HonestLog, attack: Attack, faults: string[]): void {
  const { deviation, victims } = attack;
  if (deviation === null || deviation.room !== log.room) return;
  const since = log.messages.filter(({ token }) => !attack.made.has(token));
  const heads = new Map(since.map(({ hash, token }) => [hash, world.derivations.contents.get(token)?.head ?? 0]));
  const people = new Map(world.people.map((person) => [person.user, person]));
  for (const person of world.people) {
    let alarmed = false;
    for (const event of person.events.slice(attack.before.get(person)?.length)) {
      alarmed ||= raisesAlarm(event);
      if (event.kind !== 'room' || event.room !== log.room || event.event.kind !== 'message') continue;
      const { hash, user, seq, text } = event.event;
      const author = people.get(user);
      const acrossTheFork = author !== undefined && victims.has(author) !== victims.has(person);
      if (!acrossTheFork || (heads.get(hash) ?? 0) < deviation.divergesAt || seq <= deviation.divergesAt) continue;
      if (!alarmed) faults.push(`${person.user} was not told of "${deviation.edit.name}" with "${text}"`);
      break;
    }
  }
}

export interface HostileResult {
  readonly faults: readonly string[];
  /** What was done, and whether anybody was told; null when it had no effect. */
  readonly attack: string | null;
  readonly reported: boolean;
}

export function hostileResult(world: World, attack: Attack | null): HostileResult {
  const faults: string[] = [...leaked(world)];
  checkShown(world, faults);
  for (const log of world.logs()) {
    if (attack !== null) checkReported(world, log, attack, faults);
    checkDoings(world, log, faults);
    const able = readers(world, log);
    for (const { number, members } of log.epochs) {
      for (const person of able.get(number) ?? []) {
        if (!members.has(person.fingerprint)) faults.push(`${person.user} can read epoch ${number} of ${log.name}`);
      }
    }
  }
  const deviation = attack?.deviation ?? null;
  const told = attack?.told ?? null;
  const name = deviation?.effective ? deviation.edit.name : told !== null && told.count > 0 ? told.name : null;
  const reported = world.people.some(wasAlarmed);
  // A hidden message shows at once; another log by the first message across the fork, which there may not have been.
  const withheldOnly = deviation?.effective === true && deviation.divergesAt === Number.POSITIVE_INFINITY;
  const mustBeTold = withheldOnly || (told !== null && told.count > 0 && told.provable);
  if (mustBeTold && !reported) faults.push(`nobody was told of "${name}"`);
  for (const person of world.people) {
    for (const refusal of person.refusals)
      if (refusal.code === 'defect') faults.push(`${person.user}: ${refusal.reason}`);
    for (const event of person.events)
      if (event.kind === 'trouble' && event.code === 'internal') faults.push(alarmText(event));
  }
  return { faults, attack: name, reported };
}
