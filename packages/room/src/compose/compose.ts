/** What a member signs: entries for the log, each made for the room as it is known now. */
import {
  type EntryType,
  entryDomain,
  type Payload,
  type Policy,
  type RoomId,
  type RoomName,
  roomIdOf,
  type SignedEntry,
  toBase64url,
  toHex,
  type UserName,
  utf8,
} from '@chat/protocol';
import type { RoomCrypto, Signer } from '../crypto.ts';
import { RoomError } from '../errors.ts';
import { messageKey } from '../keys/schedule.ts';
import { currentSecret } from '../keys/secret.ts';
import { encodeContent } from '../padding.ts';
import { invitationPending, removalPending } from '../people.ts';
import type { Member, RoomState } from '../state.ts';

/** Who composes, and with what. */
export interface Author {
  readonly user: UserName;
  readonly signer: Signer;
  readonly crypto: RoomCrypto;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function signEntry<T extends EntryType>(signer: Signer, room: RoomId | '', payload: Payload<T>): SignedEntry {
  const text = JSON.stringify(payload);
  const signature = signer.sign(entryDomain(payload.type, room), utf8(text));
  return { type: payload.type, payload: text, by: signer.fingerprint, signature: toBase64url(signature) };
}

/** The entry that opens a room, and the room's id. */
export function composeCreate(author: Author, name: RoomName, policy: Policy) {
  const entry = signEntry<'create'>(author.signer, '', {
    v: 1,
    type: 'create',
    name,
    author: author.user,
    key: toBase64url(author.signer.publicKey),
    policy,
    nonce: toHex(author.crypto.random(16)),
    at: author.now,
  });
  return { room: roomIdOf(entry.payload), entry };
}

/**
 * The entry by which one who is not a member joins a room: an open one, or one that they are invited to.
 *
 * @param after the length of the room's log, as the server says
 */
export function composeJoin(author: Author, room: RoomId, after: number): SignedEntry {
  return signEntry<'join'>(author.signer, room, {
    v: 1,
    type: 'join',
    room,
    author: author.user,
    key: toBase64url(author.signer.publicKey),
    after,
    at: author.now,
  });
}

/** The entry by which a member leaves. Throws `not-a-member`. */
export function composeLeave(author: Author, state: RoomState): SignedEntry {
  requireMembership(author, state);
  return signEntry<'leave'>(author.signer, state.room, {
    v: 1,
    type: 'leave',
    room: state.room,
    author: author.user,
    head: state.head,
    at: author.now,
  });
}

/**
 * A message under the room's key as it is now. It is made for the state it was given: once another entry of this author
 * is on the log, or the room has another key, it must be composed anew.
 *
 * Throws `not-a-member`, `no-key`, `rekey-pending`, `message-too-long`.
 */
export function composeMessage(author: Author, state: RoomState, text: string): SignedEntry {
  const { crypto, signer, now } = author;
  requireMembership(author, state);
  const current = currentSecret(state);
  if (current === null) throw new RoomError('no-key', 'The key of this room has not reached you yet.');
  if (removalPending(state)) throw new RoomError('rekey-pending', 'Somebody left; the room is getting a new key.');
  if (invitationPending(state)) {
    throw new RoomError('rekey-pending', 'Somebody was invited; the room is getting a key that they have too.');
  }

  const { epoch, secret } = current;
  const chain = state.authors[signer.fingerprint];
  if (chain === undefined) throw new RoomError('not-a-member', 'The entry by which you joined is not known.');
  const content = encodeContent({
    v: 1,
    room: state.room,
    epoch,
    author: signer.fingerprint,
    counter: chain.counter + 1,
    previous: chain.last,
    at: now,
    body: { kind: 'text', text },
  });
  const token = crypto.encrypt(messageKey(crypto, secret, state.room, epoch), content, now);
  return signEntry<'message'>(signer, state.room, {
    v: 1,
    type: 'message',
    room: state.room,
    epoch,
    head: state.head,
    token,
  });
}

/** The author as a member of the room. Throws `not-a-member`. */
export function requireMembership({ signer }: Author, state: RoomState): Member {
  const own = state.members[signer.fingerprint];
  if (own === undefined) throw new RoomError('not-a-member', 'You are not a member of this room: join it first.');
  return own;
}
