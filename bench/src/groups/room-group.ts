/** A room of the chat: the work of its hub for a new key, and of one member to obtain it. */
import { encodeCbor, type Fingerprint, type SignedEntry, wrapBytes } from '@chat/protocol';
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
  linkContext,
  type OwnPrekey,
  type Proposal,
  type RecipientLink,
  type RoomState,
  type SenderLink,
  slotAt,
  wrapContext,
} from '@chat/room';
import { generateSigner } from '@chat/signatures';
import type { Group, Rekey } from './group.ts';

/** The contender's name. */
export const roomGroupName = '@chat/room';

interface Person extends Author {
  readonly prekey: OwnPrekey;
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

/** The two ends of the hub's link to a person. */
interface Ends {
  readonly sender: SenderLink;
  readonly recipient: RecipientLink;
}

function linkTo({ signer, prekey, crypto }: Person, hub: Person): Ends {
  const context = linkContext('bench', hub.signer.fingerprint, signer.fingerprint);
  const opened = hub.crypto.openLink({ recipient: prekey.publicKey, context });
  const recipient = opened && crypto.acceptLink(prekey, opened.opening, context);
  if (opened === null || recipient === null) throw new Error('the link cannot be opened');
  return { sender: opened.link, recipient };
}

/** Returns the wrap of one recipient; null when there is none. */
function wrapFor({ recipients, slots }: Proposal, me: Fingerprint): Uint8Array | null {
  const place = recipients.findIndex(({ fingerprint }) => fingerprint === me);
  return place < 0 ? null : slotAt(slots, place);
}

/** Obtains the key of the latest epoch, from a wrap if there is one. */
function receive(
  state: RoomState,
  proposal: Proposal,
  { crypto, link }: Pick<Person, 'crypto'> & { link: RecipientLink },
): RoomState {
  const wrap = wrapFor(proposal, state.me);
  const epochNumber = state.epoch?.number ?? 0;
  const opened = wrap && link.unwrap(wrap, wrapContext({ roomId: state.room, epochNumber }));
  if (typeof opened === 'string') throw new Error(`the wrap does not open: ${opened}`);
  const held = opened === null ? state : acceptWrap(state, { epochNumber, secret: opened.key }, crypto);
  if (held === null || currentSecret(held) === null) throw new Error('the member did not come to the key');
  return held;
}

const bytesOf = (value: unknown): number => encodeCbor(value).length;

/** Creates a room of `size` members. The hub created it, the measured member joined next, the last one is removed. */
export function roomGroup(size: number): Group {
  const people = Array.from({ length: size }, (_, index) => newPerson(`user-${index}`));
  const [hub, member, leaver] = [people[0], people[1], people.at(-1)];
  if (hub === undefined || member === undefined || leaver === undefined) throw new Error('a room has two or more');
  const newcomer = newPerson('newcomer');
  const ends = new Map(
    [...people.slice(1), newcomer].map((person) => [person.signer.fingerprint, linkTo(person, hub)] as const),
  );
  const links = new Map([...ends].map(([to, { sender }]) => [to, sender] as const));
  const link = ends.get(member.signer.fingerprint)?.recipient;
  if (link === undefined) throw new Error('the member has no link');
  const reader = { crypto: member.crypto, link };

  const { roomId: room, entry: create } = composeCreate(hub, 'bench', { join: 'open', history: 'since-join' });
  const entries = [create, ...people.slice(1).map((person) => composeJoin(person, room, 1))];
  const readFirst = ({ signer }: Person, since: number) =>
    entries.reduce((state, entry) => read(state, entry, hub), emptyRoom(room, signer.fingerprint, { since }));
  const first = composeEpoch(hub, readFirst(hub, 0), links);
  const atHub = read(first.state, first.entry, hub);
  const atMember = receive(read(readFirst(member, 1), first.entry, member), first, reader);

  const rekey = (change: SignedEntry): Rekey => {
    const [before, beforeAtMember] = [read(atHub, change, hub), read(atMember, change, member)];
    const compose = () => composeEpoch(hub, before, first.links);
    const next = compose();
    const announced = bytesOf(next.entry);
    const own = wrapFor(next, member.signer.fingerprint);
    return {
      hub: compose,
      member: () => receive(read(beforeAtMember, next.entry, member), next, reader),
      sizes: {
        sent: announced + next.slots.length,
        downloaded: announced + (own === null ? 0 : wrapBytes),
      },
    };
  };

  const add = rekey(composeJoin(newcomer, room, atHub.head.seq));
  return { name: roomGroupName, changes: { add, remove: rekey(composeRemove(hub, atHub, leaver.user)) } };
}
