/** A room of the chat: the work of its hub for a new key, and of one member to obtain it. */
import {
  encodeCbor,
  encodeEntryPush,
  encodeFrame,
  encodeWrapPush,
  type Fingerprint,
  prekeyId,
  prekeyStatement,
  type SignedEntry,
  toBase64url,
} from '@chat/protocol';
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
import type { Change, Group, Rekey } from './group.ts';

/** The contender's name: all links are open. */
export const roomGroupName = '@chat/room';
/** The same room without links, whose prekeys the hub knows, and with prekeys that it must verify first. */
const coldName = '@chat/room, cold links';
const unknownName = '@chat/room, new prekeys';

const server = 'bench';

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

/** The hub's end of a link, and what opens the other one. */
interface OpenedLink {
  readonly to: Fingerprint;
  readonly link: SenderLink;
  readonly opening: Uint8Array;
}

const contextTo = ({ signer }: Person, hub: Person): Uint8Array =>
  linkContext(server, hub.signer.fingerprint, signer.fingerprint);

function openTo(person: Person, hub: Person): OpenedLink {
  const opened = hub.crypto.openLink({ recipient: person.prekey.publicKey, context: contextTo(person, hub) });
  if (opened === null) throw new Error('the link cannot be opened');
  return { to: person.signer.fingerprint, ...opened };
}

function acceptFrom(hub: Person, { prekey, crypto, ...person }: Person, { opening }: OpenedLink): RecipientLink {
  const link = crypto.acceptLink(prekey, opening, contextTo({ prekey, crypto, ...person }, hub));
  if (link === null) throw new Error('the link cannot be accepted');
  return link;
}

/** The prekey of a person as the server hands it out. */
function signedPrekey({ user, signer, prekey: { publicKey } }: Person) {
  const { domain, data } = prekeyStatement(server, { user, prekey: toBase64url(publicKey), madeAt: 0 });
  return { publicKey: signer.publicKey, domain, data, signature: signer.sign(domain, data), lowS: true };
}

/** Returns the wrap of one recipient; null when there is none. */
function wrapFor({ recipients, slots }: Proposal, me: Fingerprint): Uint8Array | null {
  const place = recipients.findIndex(({ fingerprint }) => fingerprint === me);
  return place < 0 ? null : slotAt(slots, place);
}

/** Obtains the key of the latest epoch: from a wrap, or without one from the key before. */
function receive(
  state: RoomState,
  wrap: Uint8Array | null,
  { crypto, link }: { readonly crypto: Author['crypto']; readonly link: RecipientLink },
): RoomState {
  const epochNumber = state.epoch?.number ?? 0;
  const opened = wrap && link.unwrap(wrap, wrapContext({ roomId: state.room, epochNumber }));
  if (typeof opened === 'string') throw new Error(`the wrap does not open: ${opened}`);
  const held = opened === null ? state : acceptWrap(state, { epochNumber, secret: opened.key }, crypto);
  if (held === null || currentSecret(held) === null) throw new Error('the member did not come to the key');
  return held;
}

/** Size of what travels for a link, with the names beside the opening. */
const openingSize = ({ to, link, opening }: OpenedLink, prekey: Uint8Array): number =>
  encodeCbor({ to, id: Buffer.from(link.id, 'base64url'), prekey, opening }).length;

/** Creates a room of `size` members, and the contenders on it. The hub created it, the measured member joined next, the last one is removed. */
export function roomGroups(size: number): Group[] {
  const people = Array.from({ length: size }, (_, index) => newPerson(`user-${index}`));
  const [hub, member, leaver] = [people[0], people[1], people.at(-1)];
  if (hub === undefined || member === undefined || leaver === undefined) throw new Error('a room has two or more');
  const newcomer = newPerson('newcomer');
  const others = [...people.slice(1), newcomer];
  const opened = new Map(others.map((person) => [person.signer.fingerprint, openTo(person, hub)] as const));
  const ownOpening = opened.get(member.signer.fingerprint);
  if (ownOpening === undefined) throw new Error('the member has no link');
  const own = { crypto: member.crypto, link: acceptFrom(hub, member, ownOpening) };
  const links = new Map([...opened].map(([to, { link }]) => [to, link] as const));

  const { roomId: room, entry: create } = composeCreate(hub, 'bench', { join: 'open', history: 'since-join' });
  const entries = [create, ...people.slice(1).map((person) => composeJoin(person, room, 1))];
  const trusting = { ...hub, crypto: { ...hub.crypto, verify: () => true } };
  const readFirst = ({ signer }: Person, since: number) =>
    entries.reduce((state, entry) => read(state, entry, trusting), emptyRoom(room, signer.fingerprint, { since }));
  const first = composeEpoch(hub, readFirst(hub, 0), links);
  const atHub = read(first.state, first.entry, hub);
  const firstWrap = wrapFor(first, member.signer.fingerprint);
  const atMember = receive(read(readFirst(member, 1), first.entry, member), firstWrap, own);
  const prekeys = new Map(others.map((person) => [person.signer.fingerprint, signedPrekey(person)] as const));

  /** @param recipients those who get the key after the change */
  const rekeys = (change: SignedEntry, recipients: readonly Person[]): Readonly<Record<string, Rekey>> => {
    const [before, beforeAtMember] = [read(atHub, change, hub), read(atMember, change, member)];
    const next = composeEpoch(hub, before, first.links);
    const wrap = wrapFor(next, member.signer.fingerprint);
    const entryPush = encodeEntryPush(1, { seq: before.head.seq + 1, at: 0, entry: next.entry });
    const wrapPush = wrap === null ? null : encodeWrapPush(1, 2, wrap);
    const announced = encodeFrame({ op: 'append', room, cid: '0'.repeat(32), entry: next.entry }).length;
    const sizes = {
      sent: announced + next.slots.length,
      downloaded: (entryPush?.length ?? 0) + (wrapPush?.length ?? 0),
    };
    const id = prekeyId(toBase64url(member.prekey.publicKey));
    const openings = wrap === null ? 1 : recipients.length;
    const cold = {
      sent: sizes.sent + openings * openingSize(ownOpening, id),
      downloaded: sizes.downloaded + (wrap === null ? 0 : openingSize(ownOpening, id)),
    };
    const openAll = () => {
      const made = new Map(recipients.map((person) => [person.signer.fingerprint, openTo(person, hub).link] as const));
      return composeEpoch(hub, before, made);
    };
    const verifyAll = async () => {
      const verified = recipients.map(async ({ signer: { fingerprint } }) => {
        const signed = prekeys.get(fingerprint);
        if (signed === undefined || (await hub.crypto.verifyAsync?.(signed)) !== true)
          throw new Error('a wrong prekey');
      });
      await Promise.all(verified);
      return openAll();
    };
    const readAndReceive = (link: RecipientLink) =>
      receive(read(beforeAtMember, next.entry, member), wrap, { crypto: member.crypto, link });
    return {
      [roomGroupName]: {
        hub: () => composeEpoch(hub, before, first.links),
        member: () => readAndReceive(own.link),
        sizes,
      },
      [coldName]: { hub: openAll, member: () => readAndReceive(acceptFrom(hub, member, ownOpening)), sizes: cold },
      [unknownName]: { hub: verifyAll },
    };
  };

  const add = rekeys(composeJoin(newcomer, room, atHub.head.seq), [newcomer]);
  const remaining = people.slice(1).filter((person) => person !== leaver);
  const remove = rekeys(composeRemove(hub, atHub, leaver.user), remaining);
  return [roomGroupName, coldName, unknownName].map((name) => ({
    name,
    changes: { add: rekeyOf(add, name), remove: rekeyOf(remove, name) } satisfies Record<Change, Rekey>,
  }));
}

function rekeyOf(rekeys: Readonly<Record<string, Rekey>>, name: string): Rekey {
  const rekey = rekeys[name];
  if (rekey === undefined) throw new Error(`there is no ${name}`);
  return rekey;
}
