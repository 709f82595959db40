/** Who can read what, whatever they were shown. */
import type { HonestLog } from './honest-log.ts';
import type { SimulatedPerson } from './simulated-person.ts';
import type { World } from './world.ts';

/** Who can read what an epoch's key opens, by all that their clients ever held. */
export function readers(world: World, log: HonestLog): Map<number, ReadonlySet<SimulatedPerson>> {
  const { byLabel, opened } = world.derivations;
  const byEpoch = new Map<number, ReadonlySet<SimulatedPerson>>();
  let before = new Set<SimulatedPerson>();
  for (const { number } of log.epochs) {
    const token = log.messages.find(({ epoch }) => epoch === number)?.token;
    const key = token === undefined ? undefined : opened.get(token);
    const secret = byLabel.get(`chat/1 message ${log.room} ${number}`)?.get(key ?? '');
    const stepped = byLabel.get(`chat/1 step ${log.room} ${number}`)?.has(secret ?? '') ?? false;
    const able = world.people.filter(
      (person) => person.held.has(key ?? '') || person.held.has(secret ?? '') || (stepped && before.has(person)),
    );
    before = new Set(able);
    byEpoch.set(number, before);
  }
  return byEpoch;
}

/** Texts and secrets that are in what the server keeps: all that it was sent but logins. */
export function leaked({ server, people, derivations }: World): readonly string[] {
  const { logs, wraps } = server.disk;
  const kept = JSON.stringify([[...logs.values()], [...wraps.values()]]);
  const texts = [...derivations.contents.values()].map(({ text }) => text).filter((text) => kept.includes(text));
  const secrets = new Set(people.flatMap(({ held }) => [...held]));
  const encoded = [...secrets].map((secret) => Buffer.from(secret, 'latin1').toString('base64url'));
  return [
    ...texts.map((text) => `the server has "${text}"`),
    ...encoded.filter((secret) => kept.includes(secret)).map((secret) => `the server has the secret ${secret}`),
  ];
}
