/** A room of the chat: the work of its hub for a new key, and of one member to obtain it. */
import { encodeCbor, type SignedEntry } from '@chat/protocol';
import {
  type Author,
  acceptWrap,
  applyEntry,
  composeCreate,
  composeEpoch,
  composeJoin,
  composeRemove,
  createRoomCrypto,
  currentSecret,
  emptyRoom,
  type Prekey,
  type Prekeys,
  type Proposal,
  type RoomState,
} from '@chat/room';
import { generateSigner } from '@chat/signatures';
import type { Group, Rekey } from './group.ts';

/** The contender's name. */
export const roomGroupName = '@chat/room';

interface Person extends Author {
  readonly prekey: Prekey;
}

function newPerson(user: string): Person {
  // Each member has its own cryptography, so that a cached verification of one saves no work for another.
  const crypto = createRoomCrypto();
  return { user, signer: generateSigner(), crypto, now: 0, prekey: crypto.newPrekey() };
}

/** Appends an entry to the log that a member has read. */
function read(state: RoomState, entry: SignedEntry, { crypto }: Author): RoomState {
  const { state: after, events } = applyEntry(state, { seq: state.head.seq + 1, at: 0, entry }, crypto);
  const [event] = events;
  if (event?.kind === 'violation') throw new Error(`the room refuses what the bench does: ${event.code}`);
  return after;
}

/** Obtains the key of the latest epoch, from a wrap if there is one. */
function receive(state: RoomState, { wraps }: Proposal, { prekey, crypto }: Person): RoomState {
  const own = wraps.find(({ to }) => to === state.me);
  const number = state.epoch?.number ?? 0;
  const held =
    own === undefined
      ? state
      : acceptWrap(state, { epochNumber: number, envelope: own.envelope, prekeys: [prekey] }, crypto).state;
  if (currentSecret(held) === null) throw new Error('the member did not come to the key');
  return held;
}

const bytesOf = (value: unknown): number => encodeCbor(value).length;

/** Creates a room of `size` members. The hub created it, the measured member joined next, the last one is removed. */
export function roomGroup(size: number): Group {
  const people = Array.from({ length: size }, (_, index) => newPerson(`user-${index}`));
  const [hub, member, leaver] = [people[0], people[1], people.at(-1)];
  if (hub === undefined || member === undefined || leaver === undefined) throw new Error('a room has two or more');
  const newcomer = newPerson('newcomer');
  const prekeys: Prekeys = new Map(
    [...people, newcomer].map(({ signer, prekey }) => [signer.fingerprint, prekey.publicKey]),
  );

  const { roomId: room, entry: create } = composeCreate(hub, 'bench', { join: 'open', history: 'since-join' });
  const entries = [create, ...people.slice(1).map((person) => composeJoin(person, room, 1))];
  const readFirst = ({ signer }: Person, since: number) =>
    entries.reduce((state, entry) => read(state, entry, hub), emptyRoom(room, signer.fingerprint, { since }));
  const first = composeEpoch(hub, readFirst(hub, 0), prekeys);
  const atHub = read(first.state, first.entry, hub);
  const atMember = receive(read(readFirst(member, 1), first.entry, member), first, member);

  const rekey = (change: SignedEntry): Rekey => {
    const [before, beforeAtMember] = [read(atHub, change, hub), read(atMember, change, member)];
    const compose = () => composeEpoch(hub, before, prekeys);
    const next = compose();
    const announced = bytesOf(next.entry);
    const own = next.wraps.find(({ to }) => to === member.signer.fingerprint);
    return {
      hub: compose,
      member: () => receive(read(beforeAtMember, next.entry, member), next, member),
      sizes: {
        sent: announced + next.wraps.reduce((sum, wrap) => sum + bytesOf(wrap), 0),
        downloaded: announced + (own === undefined ? 0 : bytesOf({ envelope: own.envelope })),
      },
    };
  };

  const add = rekey(composeJoin(newcomer, room, atHub.head.seq));
  return { name: roomGroupName, changes: { add, remove: rekey(composeRemove(hub, atHub, leaver.user)) } };
}
