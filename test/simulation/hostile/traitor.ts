/** A member who cheats together with the server: what they sign is signed well and against the rules. */
import {
  type EntryType,
  entryDomain,
  entryHash,
  fromBase64url,
  type RoomId,
  type SignedEntry,
  toBase64url,
  utf8,
} from '@chat/protocol';
import type { RoomState, Signer } from '@chat/room';
import type { Room } from '../../../packages/server-core/src/ports/room-store.ts';
import type { World } from '../run/world.ts';
import type { SimulatedPerson } from '../simulated/simulated-person.ts';

function signed(signer: Signer, room: RoomId, type: EntryType, content: object): SignedEntry {
  const payload = JSON.stringify({ v: 1, type, room, ...content });
  const signature = toBase64url(signer.sign(entryDomain(type, room), utf8(payload)));
  return { type, payload, by: signer.fingerprint, signature };
}

/** What the traitor knows of the room. */
interface Place {
  readonly world: World;
  readonly room: Room;
  readonly traitor: SimulatedPerson;
  readonly state: RoomState;
  /** What every entry by them says. */
  readonly about: {
    readonly author: string;
    readonly head: { readonly seq: number; readonly hash: string };
    readonly at: number;
  };
}

const lie = 'a lie';
/** Counts for those only who cannot know what its author said before. */
const repeated = 'a message counted twice';
/** Messages that are told of as a breach, and count all the same, for those at least who cannot tell. */
const shown: ReadonlySet<string> = new Set([
  repeated,
  'a message left out',
  'a message after another one',
  'a view of a log that there is not',
]);

type Betrayal = (place: Place) => SignedEntry | null;

const others = ({ room, traitor }: Place) => room.members.filter(({ user }) => user !== traitor.user);

const whom = ({ user, fingerprint }: { readonly user: string; readonly fingerprint: string }) => ({
  user,
  fingerprint,
});

const epoch =
  (change: (correct: Record<string, unknown>, place: Place) => Record<string, unknown>): Betrayal =>
  (place) => {
    const { room, traitor, about } = place;
    const hashes = { commitment: 'c'.repeat(64), wraps: 'd'.repeat(64) };
    const on = { number: (room.epoch?.number ?? 0) + 1, previous: room.epoch?.hash ?? '0'.repeat(64) };
    const due = (room.epoch?.answers ?? 0) < room.membershipSeq;
    const correct = {
      ...on,
      kind: 'fresh',
      reason: due ? 'membership' : 'age',
      answers: room.membershipSeq,
      ...hashes,
    };
    return signed(traitor.signer, room.room, 'epoch', { ...about, ...change(correct, place) });
  };

/** A message with the room's true key, in another place of its author's chain, or under another name. */
const message =
  (change: (correct: Record<string, unknown>, place: Place) => Record<string, unknown>): Betrayal =>
  (place) => {
    const { world, room, traitor, state, about } = place;
    const secret = state.secrets[room.epoch?.number ?? 0];
    const chain = state.authors[traitor.fingerprint];
    if (secret === undefined || chain === undefined || room.epoch === null) return null;
    const crypto = world.suite.newRoomCrypto();
    const number = room.epoch.number;
    const correct = {
      v: 1,
      room: room.room,
      epoch: number,
      author: traitor.fingerprint,
      counter: chain.counter + 1,
      previous: chain.last,
      at: about.at,
      body: { kind: 'text', text: lie },
    };
    const content = change(correct, place);
    const key = crypto.derive(fromBase64url(secret), `chat/1 message ${room.room} ${number}`);
    const token = crypto.encrypt(key, utf8(JSON.stringify(content).padEnd(256)), about.at);
    return signed(traitor.signer, room.room, 'message', { epoch: number, head: about.head, token });
  };

const betrayals: readonly (readonly [name: string, Betrayal])[] = [
  ['a key on top of no epoch', epoch((correct) => ({ ...correct, number: Number(correct['number']) + 1 }))],
  ['a key on top of another epoch', epoch((correct) => ({ ...correct, previous: 'e'.repeat(64) }))],
  ['a key for others than are there', epoch((correct) => ({ ...correct, answers: Number(correct['answers']) - 1 }))],
  [
    'a key for no reason',
    epoch((correct) => ({ ...correct, reason: correct['reason'] === 'age' ? 'membership' : 'age' })),
  ],
  [repeated, message((correct) => ({ ...correct, counter: Number(correct['counter']) - 1 }))],
  ['a message left out', message((correct) => ({ ...correct, counter: Number(correct['counter']) + 1 }))],
  ['a message after another one', message((correct) => ({ ...correct, previous: 'f'.repeat(64) }))],
  [
    'a message in the name of another',
    message((correct, place) => ({ ...correct, author: others(place)[0]?.fingerprint })),
  ],
  ['a message of another room', message((correct) => ({ ...correct, room: 'a'.repeat(64) }))],
  ['a message of another epoch', message((correct) => ({ ...correct, epoch: Number(correct['epoch']) + 1 }))],
  [
    'a message in an old key',
    ({ room, traitor, about }) => {
      const number = (room.epoch?.number ?? 1) - 1;
      return number < 1
        ? null
        : signed(traitor.signer, room.room, 'message', { epoch: number, head: about.head, token: 'AAAA' });
    },
  ],
  [
    'a removal without the right to it',
    (place) => {
      const { room, traitor, about } = place;
      const mine = room.members.find(({ user }) => user === traitor.user);
      const owner = room.members.find(({ role }) => role === 'owner');
      if (owner === undefined || mine?.role === 'owner') return null;
      return signed(traitor.signer, room.room, 'remove', { ...about, ...whom(owner) });
    },
  ],
  [
    'a role without the right to it',
    ({ room, traitor, about }) => {
      const mine = room.members.find(({ user }) => user === traitor.user);
      if (mine === undefined || mine.role === 'owner') return null;
      return signed(traitor.signer, room.room, 'role', { ...about, ...whom(mine), role: 'owner' });
    },
  ],
  [
    'an invitation of a member under another key',
    (place) => {
      const [other] = others(place);
      const { publicKey, fingerprint } = place.world.suite.newSigner();
      const about = {
        ...place.about,
        user: other?.user ?? 'ghost',
        fingerprint,
        key: toBase64url(publicKey),
        verified: true,
      };
      return other === undefined ? null : signed(place.traitor.signer, place.room.room, 'invite', about);
    },
  ],
  [
    'an invitation with a key that is not that of the fingerprint',
    ({ world, room, traitor, about }) => {
      const { fingerprint } = world.suite.newSigner();
      const key = toBase64url(world.suite.newSigner().publicKey);
      return signed(traitor.signer, room.room, 'invite', { ...about, user: 'ghost', fingerprint, key, verified: true });
    },
  ],
  [
    'a leave for another',
    (place) => {
      const [other] = others(place);
      const about = { ...place.about, author: other?.user };
      return other === undefined ? null : signed(place.traitor.signer, place.room.room, 'leave', about);
    },
  ],
  [
    'a join of a member',
    ({ room, traitor, about: { at } }) =>
      signed(traitor.signer, room.room, 'join', {
        author: traitor.user,
        key: toBase64url(traitor.signer.publicKey),
        after: room.head,
        at,
      }),
  ],
  ['a view of a log that there is not', message((correct) => correct)],
];

/**
 * Puts one of these on the log, where there is a member who can sign it.
 *
 * @returns what it is; null when it could not be done
 */
export function betray(world: World, room: Room): string | null {
  const { random, people, time } = world;
  const users = new Set(room.members.map(({ user }) => user));
  const traitor = random.pick(people.filter(({ user }) => users.has(user)));
  const state = traitor?.room(room.room)?.state;
  const [name, betrayal] = random.pick(betrayals) ?? [];
  if (traitor === undefined || state === undefined || betrayal === undefined || name === undefined) return null;
  const hash = world.server.disk.logHashes.get(room.room)?.at(-1) ?? '';
  const isOfAnotherLog = name === 'a view of a log that there is not';
  const head = { seq: room.head, hash: isOfAnotherLog ? '9'.repeat(64) : hash };
  const entry = betrayal({ world, room, traitor, state, about: { author: traitor.user, head, at: time.now() } });
  if (entry === null) return null;
  const plain = entry.type !== 'message' || name === 'a message in an old key' || isOfAnotherLog;
  world.forbidden.set(entryHash(entry), { by: traitor.user, plain, repeated: name === repeated });
  // What breaks only the order of their messages is shown, as their word.
  if (shown.has(name))
    traitor.said.push({ user: traitor.user, room: room.name ?? '', text: lie, seq: null, refused: null });
  world.server.insist(room.room, entry).catch((error: unknown) => world.server.troubles.push(error));
  return name;
}
