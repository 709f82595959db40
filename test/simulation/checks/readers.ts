/** Which users can, may and have to read the messages of each epoch. */
import type { Fingerprint } from '@chat/protocol';
import { keptMs } from '../../../packages/client/src/keys/links/link-life.ts';
import type { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import type { HonestLog, LoggedEpoch } from './honest-log.ts';

const latin1 = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1');

/** Returns the users who can decrypt each epoch, with all secrets that their clients ever held and all that the server stores. */
export function readers(world: World, { room, epochs }: HonestLog): Map<number, ReadonlySet<SimulatedUser>> {
  const { byLabel } = world.derivations;
  const able = new Map<number, Set<SimulatedUser>>();
  let before = '';
  for (const { number, commitment } of epochs) {
    const secret = byLabel.get(`chat/1 commitment ${room} ${number}`)?.get(latin1(commitment)) ?? '';
    const stepped = byLabel.get(`chat/1 step ${room} ${number}`)?.get(secret) === before && before !== '';
    before = secret;
    const holders = world.people.filter(({ held }) => held.has(secret));
    // Each author has a key: to hold one of them is to read that author's messages.
    const keys = [...byLabel]
      .filter(([label]) => label.startsWith(`chat/1 message ${room} ${number} `))
      .flatMap(([, derived]) => [...derived].flatMap(([key, from]) => (from === secret ? [key] : [])));
    const keyHolders = world.people.filter(({ held }) => keys.some((key) => held.has(key)));
    able.set(number, new Set([...holders, ...keyHolders, ...(stepped ? (able.get(number - 1) ?? []) : [])]));
  }
  for (const { number, opensPast } of epochs.toReversed()) {
    if (!opensPast) continue;
    for (const person of able.get(number) ?? []) able.get(number - 1)?.add(person);
  }
  return able;
}

/** Returns the users who may decrypt each epoch: its recipients and, if the room's history is for all, all later members. */
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

/** For as long as this, a client that was invited keeps what it needs to read keys from before its join, also from strangers. */
const keptForInvitedMs = keptMs;

/**
 * Returns the users who have to have read each epoch's messages: members at the end that were recipients of the key since they
 * joined, unless the server lost their wrap or they joined long after the key was made. If the history is for all, also the epochs to which later keys lead back.
 */
export function obliged(world: World, log: HonestLog): Map<number, Set<Fingerprint>> {
  const { epochs, members, joinedAt, policy } = log;
  const without = lacking(world, log);
  const must = new Map<number, Set<Fingerprint>>();
  for (const { number, seq, at, recipients } of epochs) {
    const own = [...members].filter(
      ([who, from]) => recipients.has(who) && from < seq && (joinedAt.get(who) ?? 0) - at < keptForInvitedMs,
    );
    must.set(number, new Set(own.map(([who]) => who).filter((who) => !without.get(number)?.has(who))));
  }
  if (policy.history === 'since-join') return must;
  for (const { number, opensPast } of epochs.toReversed()) {
    if (!opensPast) continue;
    for (const who of must.get(number) ?? []) {
      // A client that lacked the key at that time has skipped the messages.
      if (!without.get(number - 1)?.has(who)) must.get(number - 1)?.add(who);
    }
  }
  return must;
}

/** Returns whether a user renewed the key before the client could read what the room's members gave to it in an epoch. */
function isRenewedBefore(
  { people }: Pick<World, 'people'>,
  { room, renewals }: HonestLog,
  user: Fingerprint,
  epoch: LoggedEpoch,
) {
  const keys = people.find(({ id }) => id === user)?.keys ?? [];
  const indexOf = (key: Fingerprint) => keys.findIndex(({ fingerprint }) => fingerprint === key);
  return renewals.some((renewal) => {
    if (renewal.user !== user || epoch.seq > renewal.seq) return false;
    const since = keys.slice(indexOf(renewal.before) + 1, indexOf(renewal.after) + 1);
    return since.some(({ lost }) => lost(room, epoch));
  });
}

/**
 * Returns the users without the key of each epoch because the server lost their wrap of it, or of one from which it is derived, or
 * because they renewed their identity key before they had read it.
 */
export function lacking(world: Pick<World, 'lost' | 'people'>, log: HonestLog): Map<number, Set<Fingerprint>> {
  const without = new Map<number, Set<Fingerprint>>();
  for (const epoch of log.epochs) {
    const { number, isStep, recipients } = epoch;
    const own = [...recipients.keys()].filter(
      (who) => world.lost.has(`${log.room} ${number} ${who}`) || isRenewedBefore(world, log, who, epoch),
    );
    without.set(number, new Set([...own, ...(isStep ? (without.get(number - 1) ?? []) : [])]));
  }
  return without;
}

/** Adds the texts in a value to `texts`, and its bytes as Latin-1. */
function collect(value: unknown, texts: string[]): void {
  if (typeof value === 'string') texts.push(value);
  else if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString('latin1'));
  else if (value instanceof Map) for (const each of value.values()) collect(each, texts);
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) collect(each, texts);
}

/** Returns the texts and secrets (chain keys and seeds too) that occur in what the servers store, as bytes or in base64url. */
export function leaked({
  server,
  forks,
  people,
  derivations,
}: Pick<World, 'server' | 'forks' | 'people' | 'derivations'>): readonly string[] {
  const stored: string[] = [];
  for (const { disk } of [server, ...forks])
    collect([disk.logs, disk.sheets, disk.links, disk.knocks, disk.prekeys], stored);
  const kept = stored.join('\n');
  const texts = [...derivations.contents.values()]
    .map(({ text }) => text)
    .filter((text) => text !== '' && kept.includes(text));
  // A commitment is derived like a key, and stands in its epoch's entry.
  const commitments = [...derivations.byLabel].filter(([label]) => label.startsWith('chat/1 commitment '));
  const secrets = new Set(people.flatMap(({ held }) => [...held]));
  for (const [, derived] of commitments) for (const commitment of derived.keys()) secrets.delete(commitment);
  const found = [...secrets].filter(
    (secret) => kept.includes(secret) || kept.includes(Buffer.from(secret, 'latin1').toString('base64url')),
  );
  return [
    ...texts.map((text) => `the server has "${text}"`),
    ...found.map((secret) => `the server has the secret ${Buffer.from(secret, 'latin1').toString('base64url')}`),
  ];
}
