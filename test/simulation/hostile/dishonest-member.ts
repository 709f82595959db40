/** Mallory, a member who colludes with the server: entries with a valid signature that the rules forbid. */
import {
  type EntryType,
  encodeMessageContent,
  encodePayload,
  entryDomain,
  entryHash,
  fromBase64url,
  type MessageContent,
  mayHide,
  type RoomId,
  type SignedEntry,
  toBase64url,
} from '@chat/protocol';
import type { RoomState, Signer } from '@chat/room';
import type { Room } from '@chat/server-core';
import { fieldsOf } from '../../support/payload-fields.ts';
import type { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import { forgedRenewal } from './forgeries.ts';

function signed(signer: Signer, room: RoomId, type: EntryType, content: object): SignedEntry {
  const payload = encodePayload(type === 'message' ? { type, ...content } : { v: 1, type, room, ...content });
  return { type, payload, by: signer.fingerprint, signature: signer.sign(entryDomain(type, room), payload) };
}

/** What Mallory knows of the room. */
interface Place {
  readonly world: World;
  readonly room: Room;
  readonly mallory: SimulatedUser;
  readonly state: RoomState;
  /** The fields that each entry has. */
  readonly about: {
    readonly author: string;
    readonly head: { readonly seq: number; readonly hash: string };
    readonly at: number;
  };
}

const lie = 'a lie';
/** Clients accept it only if they have not read the author's earlier messages. */
const repeated = 'a message counted twice';
/** Messages that clients show, although they report a violation if they can detect it. */
const shown: ReadonlySet<string> = new Set([
  repeated,
  'a message left out',
  'a message after another one',
  'a view of a log that there is not',
]);

type MakeEntry = (place: Place) => SignedEntry | null;

const others = ({ room, mallory }: Place) => room.members.filter(({ user }) => user !== mallory.user);

const identityOf = ({ user, fingerprint }: { readonly user: string; readonly fingerprint: string }) => ({
  user,
  fingerprint,
});

const epoch =
  (change: (correct: Record<string, unknown>, place: Place) => Record<string, unknown>): MakeEntry =>
  (place) => {
    const { room, mallory, about } = place;
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
    return signed(mallory.signer, room.room, 'epoch', { ...about, ...change(correct, place) });
  };

/** A message under the room's true key, with changes to its position in the author chain or to its author. */
const message =
  (change: (correct: Record<string, unknown>, place: Place) => Record<string, unknown>): MakeEntry =>
  (place) => {
    const { world, room, mallory, state, about } = place;
    const secret = state.secrets[room.epoch?.number ?? 0];
    const chain = state.authors.get(mallory.fingerprint);
    if (secret === undefined || chain === undefined || room.epoch === null) return null;
    const crypto = world.suite.newRoomCrypto();
    const number = room.epoch.number;
    const correct = {
      room: room.room,
      epoch: number,
      author: mallory.fingerprint,
      counter: chain.counter + 1,
      previous: chain.last,
      at: about.at,
      body: { kind: 'text', text: lie },
    };
    const content = change(correct, place);
    const { room: named, epoch: counted, author, ...encrypted } = content;
    const key = crypto.derive(fromBase64url(secret), `chat/1 message ${named} ${counted} ${author}`);
    const token = crypto.encrypt(key, encodeMessageContent(encrypted as unknown as MessageContent), about.at);
    return signed(mallory.signer, room.room, 'message', { epoch: number, head: about.head, token });
  };

/** Words about messages of others, which no client shows or reports: they count for nothing. */
const powerless: ReadonlySet<string> = new Set([
  'an edit of what another has said',
  'a deletion of what another has said',
  'hiding without the right to it',
]);

/** The kinds of messages that stand for themselves, so that there is something to change. */
const spoken: ReadonlySet<string> = new Set(['text', 'reply', 'action']);

/** A word about what another member has said last. */
const wordAboutAnother =
  (kind: 'edit' | 'delete' | 'hide'): MakeEntry =>
  (place) => {
    const { world, room, mallory } = place;
    const log = world.server.disk.logs.get(room.room) ?? [];
    const target = log.findLast(({ entry: { type, by, payload } }) => {
      if (type !== 'message' || world.idOf(by) === mallory.id) return false;
      return spoken.has(world.derivations.kindOf((fieldsOf(payload) as { readonly token: Uint8Array }).token));
    });
    const role = room.members.find(({ user }) => user === mallory.user)?.role;
    if (target === undefined || (kind === 'hide' && role !== undefined && mayHide(role))) return null;
    const body = { kind, target: { seq: target.seq, hash: target.hash }, ...(kind === 'edit' && { text: lie }) };
    return message((correct) => ({ ...correct, body }))(place);
  };

const forbiddenEntries: readonly (readonly [name: string, MakeEntry])[] = [
  ['a key on top of no epoch', epoch((correct) => ({ ...correct, number: Number(correct['number']) + 1 }))],
  ['a key on top of another epoch', epoch((correct) => ({ ...correct, previous: 'e'.repeat(64) }))],
  ['a key for others than are there', epoch((correct) => ({ ...correct, answers: Number(correct['answers']) - 1 }))],
  [
    'a key for no reason',
    epoch((correct) => ({ ...correct, reason: correct['reason'] === 'age' ? 'membership' : 'age' })),
  ],
  [repeated, message((correct) => ({ ...correct, counter: Number(correct['counter']) - 1 }))],
  [
    'a reaction that is too long',
    message((correct) => ({
      ...correct,
      body: { kind: 'reaction', target: { seq: 1, hash: 'f'.repeat(64) }, text: 'x'.repeat(65) },
    })),
  ],
  ['an edit of what another has said', wordAboutAnother('edit')],
  ['a deletion of what another has said', wordAboutAnother('delete')],
  ['hiding without the right to it', wordAboutAnother('hide')],
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
    ({ room, mallory, about }) => {
      const number = (room.epoch?.number ?? 1) - 1;
      return number < 1
        ? null
        : signed(mallory.signer, room.room, 'message', { epoch: number, head: about.head, token: 'AAAA' });
    },
  ],
  [
    'a removal without the right to it',
    (place) => {
      const { room, mallory, about } = place;
      const mine = room.members.find(({ user }) => user === mallory.user);
      const owner = room.members.find(({ role }) => role === 'owner');
      if (owner === undefined || mine?.role === 'owner') return null;
      return signed(mallory.signer, room.room, 'remove', { ...about, ...identityOf(owner) });
    },
  ],
  [
    'a role without the right to it',
    ({ room, mallory, about }) => {
      const mine = room.members.find(({ user }) => user === mallory.user);
      if (mine === undefined || mine.role === 'owner') return null;
      return signed(mallory.signer, room.room, 'role', { ...about, ...identityOf(mine), role: 'owner' });
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
      return other === undefined ? null : signed(place.mallory.signer, place.room.room, 'invite', about);
    },
  ],
  [
    'an invitation with a key that is not that of the fingerprint',
    ({ world, room, mallory, about }) => {
      const { fingerprint } = world.suite.newSigner();
      const key = toBase64url(world.suite.newSigner().publicKey);
      return signed(mallory.signer, room.room, 'invite', { ...about, user: 'ghost', fingerprint, key, verified: true });
    },
  ],
  [
    'a renewal of the key of another',
    (place) => {
      const item = forgedRenewal(place.world, place.room.room, others(place)[0]?.user ?? '');
      return item !== null && 'entry' in item ? item.entry : null;
    },
  ],
  [
    'a leave for another',
    (place) => {
      const [other] = others(place);
      const about = { ...place.about, author: other?.user };
      return other === undefined ? null : signed(place.mallory.signer, place.room.room, 'leave', about);
    },
  ],
  [
    'a decline of a member',
    ({ room, mallory, about: { at } }) =>
      signed(mallory.signer, room.room, 'decline', { author: mallory.user, after: room.head, at }),
  ],
  [
    'a join of a member',
    ({ room, mallory, about: { at } }) =>
      signed(mallory.signer, room.room, 'join', {
        author: mallory.user,
        key: toBase64url(mallory.signer.publicKey),
        after: room.head,
        at,
      }),
  ],
  ['a view of a log that there is not', message((correct) => correct)],
];

/**
 * Lets a member sign a forbidden entry and the server append it.
 *
 * @returns its name, or `null` if no member can sign it
 */
export function signForbiddenEntry(world: World, room: Room): string | null {
  const { random, people, time } = world;
  const users = new Set(room.members.map(({ user }) => user));
  const mallory = random.pick(people.filter(({ user }) => users.has(user)));
  const state = mallory?.room(room.room)?.state;
  const [name, makeEntry] = random.pick(forbiddenEntries) ?? [];
  if (mallory === undefined || state === undefined || makeEntry === undefined || name === undefined) return null;
  const hash = world.server.disk.logHashes.get(room.room)?.at(-1) ?? '';
  const isOfAnotherLog = name === 'a view of a log that there is not';
  const head = { seq: room.head, hash: isOfAnotherLog ? '9'.repeat(64) : hash };
  const entry = makeEntry({ world, room, mallory, state, about: { author: mallory.user, head, at: time.now() } });
  if (entry === null) return null;
  const plain = entry.type !== 'message' || name === 'a message in an old key' || isOfAnotherLog;
  if (powerless.has(name)) world.powerless.add(entryHash(entry));
  else world.forbidden.set(entryHash(entry), { by: mallory.user, plain, repeated: name === repeated });
  // Clients show these messages as Mallory's.
  if (shown.has(name))
    mallory.said.push({ user: mallory.user, room: room.name ?? '', text: lie, seq: null, refused: null });
  world.server.insist(room.room, entry).catch((error: unknown) => world.server.troubles.push(error));
  return name;
}
