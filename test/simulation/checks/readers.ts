/** Who can read what, whatever they were shown. */
import type { Fingerprint } from '@chat/protocol';
import type { World } from '../run/world.ts';
import type { SimulatedPerson } from '../simulated/simulated-person.ts';
import type { HonestLog } from './honest-log.ts';

const latin1 = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1');

/** Who can read what an epoch's key opens, by all that their clients ever held and all that the server has. */
export function readers(world: World, { room, epochs }: HonestLog): Map<number, ReadonlySet<SimulatedPerson>> {
  const { byLabel } = world.derivations;
  const able = new Map<number, Set<SimulatedPerson>>();
  let before = '';
  for (const { number, commitment } of epochs) {
    const secret = byLabel.get(`chat/1 commitment ${room} ${number}`)?.get(latin1(commitment)) ?? '';
    const stepped = byLabel.get(`chat/1 step ${room} ${number}`)?.get(secret) === before && before !== '';
    before = secret;
    const holders = world.people.filter(({ held }) => held.has(secret));
    const key = [...(byLabel.get(`chat/1 message ${room} ${number}`) ?? [])].find(([, from]) => from === secret)?.[0];
    const keyHolders = world.people.filter(({ held }) => key !== undefined && held.has(key));
    able.set(number, new Set([...holders, ...keyHolders, ...(stepped ? (able.get(number - 1) ?? []) : [])]));
  }
  for (const { number, opensPast } of epochs.toReversed()) {
    if (!opensPast) continue;
    for (const person of able.get(number) ?? []) able.get(number - 1)?.add(person);
  }
  return able;
}

/** Who may read what an epoch's key opens: those whom it was made for and, where the history is for all, all who came later. */
export function permitted({ epochs, voidEpochs, policy }: HonestLog): Map<number, ReadonlySet<Fingerprint>> {
  const may = new Map<number, ReadonlySet<Fingerprint>>();
  let later: readonly Fingerprint[] = [];
  const latestFirst = [...epochs, ...voidEpochs].sort((one, other) => other.seq - one.seq);
  for (const { number, recipients } of latestFirst) {
    const allowed = new Set([...recipients.keys(), ...later]);
    may.set(number, new Set([...(may.get(number) ?? []), ...allowed]));
    later = policy.history === 'all' ? [...allowed] : [];
  }
  return may;
}

/**
 * Who must have read what was said under an epoch's key: those who are members at the end and for whom it was made since
 * they came, unless the server lost what was for them; where the history is for all, whatever the keys since lead back to.
 */
export function obliged(world: World, log: HonestLog): Map<number, Set<Fingerprint>> {
  const { epochs, members, policy } = log;
  const without = lacking(world, log);
  const must = new Map<number, Set<Fingerprint>>();
  for (const { number, seq, recipients } of epochs) {
    const own = [...members].filter(([who, from]) => recipients.has(who) && from < seq);
    must.set(number, new Set(own.map(([who]) => who).filter((who) => !without.get(number)?.has(who))));
  }
  if (policy.history === 'since-join') return must;
  for (const { number, opensPast } of epochs.toReversed()) {
    if (!opensPast) continue;
    for (const who of must.get(number) ?? []) {
      // Whoever lacked the key at the time has passed over what was said.
      if (!without.get(number - 1)?.has(who)) must.get(number - 1)?.add(who);
    }
  }
  return must;
}

/** Who had no key of an epoch, as the server has lost their wrap of it, or of one from which it follows. */
function lacking({ lost }: World, { room, epochs }: HonestLog): Map<number, Set<Fingerprint>> {
  const without = new Map<number, Set<Fingerprint>>();
  for (const { number, isStep, recipients } of epochs) {
    const own = [...recipients.keys()].filter((who) => lost.has(`${room} ${number} ${who}`));
    without.set(number, new Set([...own, ...(isStep ? (without.get(number - 1) ?? []) : [])]));
  }
  return without;
}

/** Texts and secrets that are in what the server keeps: all that it was sent but logins. */
export function leaked({ server, forks, people, derivations }: World): readonly string[] {
  const disks = [server, ...forks].map(({ disk }) => [disk.logs, disk.wraps, disk.knocks, disk.prekeys]);
  const kept = JSON.stringify(disks.flat().map((map) => [...map.values()]));
  const texts = [...derivations.contents.values()].map(({ text }) => text).filter((text) => kept.includes(text));
  const secrets = new Set(people.flatMap(({ held }) => [...held]));
  const encoded = [...secrets].map((secret) => Buffer.from(secret, 'latin1').toString('base64url'));
  return [
    ...texts.map((text) => `the server has "${text}"`),
    ...encoded.filter((secret) => kept.includes(secret)).map((secret) => `the server has the secret ${secret}`),
  ];
}
