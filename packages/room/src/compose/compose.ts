/** Composes and signs entries for the room as the client knows it now. */
import {
  type EntryType,
  encodePayload,
  entryDomain,
  type Fingerprint,
  type KeyChain,
  type KeyRenewal,
  keyRenewalStatement,
  type MessageBody,
  type MessageContent,
  mayHide,
  type Payload,
  type Policy,
  type RoomId,
  type RoomName,
  roomIdOf,
  type SignedEntry,
  toBase64url,
  toHex,
  type UserName,
} from '@chat/protocol';
import type { RoomCrypto, Signer } from '../crypto.ts';
import { RoomError } from '../errors.ts';
import { isKeyWornOut } from '../keys/age.ts';
import { messageKey } from '../keys/schedule.ts';
import { currentSecret } from '../keys/secret.ts';
import { encodeContent, paddedBytesOf } from '../padding.ts';
import { isInvitationPending, isRemovalPending } from '../people.ts';
import type { AuthorChain, Member, RoomState } from '../state.ts';

/** The author of an entry, with everything that signing needs. */
export interface Author {
  /** The author's user name. */
  readonly user: UserName;
  /** The author's identity key. */
  readonly signer: Signer;
  /** The cryptography to use. */
  readonly crypto: RoomCrypto;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Signs an entry.
 *
 * @param roomId empty for a `create` entry, whose hash becomes the room id
 */
export function signEntry<T extends EntryType>(signer: Signer, roomId: RoomId | '', payload: Payload<T>): SignedEntry {
  const bytes = encodePayload(payload);
  const signature = signer.sign(entryDomain(payload.type, roomId), bytes);
  return { type: payload.type, payload: bytes, by: signer.fingerprint, signature };
}

/** Composes the entry that creates a room, and returns it with the room id. */
export function composeCreate(
  author: Author,
  roomName: RoomName,
  policy: Policy,
): { readonly roomId: RoomId; readonly entry: SignedEntry } {
  const entry = signEntry<'create'>(author.signer, '', {
    v: 2,
    type: 'create',
    name: roomName,
    author: author.user,
    key: toBase64url(author.signer.publicKey),
    policy,
    nonce: toHex(author.crypto.random(16)),
    at: author.now,
  });
  return { roomId: roomIdOf(entry.payload), entry };
}

/**
 * Composes the entry with which a user joins an open room, or a room to which the user is invited.
 *
 * @param after the length of the room's log, as the server reports it
 */
export function composeJoin(author: Author, roomId: RoomId, after: number): SignedEntry {
  return signEntry<'join'>(author.signer, roomId, {
    v: 1,
    type: 'join',
    room: roomId,
    author: author.user,
    key: toBase64url(author.signer.publicKey),
    after,
    at: author.now,
  });
}

/**
 * Composes the entry with which an invited user declines.
 *
 * @param after the length of the room's log, as the server reports it
 */
export function composeDecline(author: Author, roomId: RoomId, after: number): SignedEntry {
  return signEntry<'decline'>(author.signer, roomId, {
    v: 1,
    type: 'decline',
    room: roomId,
    author: author.user,
    after,
    at: author.now,
  });
}

/**
 * Composes the entry that gives a room the author's new identity key.
 *
 * @param chain the renewals up to the author's key; the room's key of the author is before one of them
 */
export function composeRenewKey(author: Author, roomId: RoomId, { first, renewals }: KeyChain): SignedEntry {
  return signEntry<'renew-key'>(author.signer, roomId, {
    v: 1,
    type: 'renew-key',
    room: roomId,
    author: author.user,
    first,
    renewals: [...renewals],
    at: author.now,
  });
}

/**
 * Makes the renewal of an identity key, which both keys sign.
 *
 * @param options.number one more than that of the renewal before; the first is 1
 */
export function makeKeyRenewal(
  { user, before, after }: { readonly user: UserName; readonly before: Signer; readonly after: Signer },
  { serverId, number, madeAt }: { readonly serverId: string; readonly number: number; readonly madeAt: number },
): KeyRenewal {
  const key = toBase64url(after.publicKey);
  const { domain, data } = keyRenewalStatement(serverId, { user, number, previous: before.fingerprint, key, madeAt });
  const sign = (signer: Signer) => toBase64url(signer.sign(domain, data));
  return { number, key, madeAt, signature: sign(before), proof: sign(after) };
}

/**
 * Composes the entry with which a member leaves.
 *
 * @throws RoomError `not-a-member`
 */
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

/** Returns what a message says: a text stands for a message of that text. */
const bodyOf = (said: string | MessageBody): MessageBody =>
  typeof said === 'string' ? { kind: 'text', text: said } : said;

/**
 * Composes a message under the latest epoch. The entry is valid for the given state only: once another message of this author
 * is on the log, or the room has another epoch, the client MUST compose it again.
 *
 * @param said a text, or what else the message says
 * @throws RoomError `not-a-member`, `not-allowed`, `no-key`, `rekey-pending`, `message-too-long`, `reaction-too-long`, `nothing-to-say`
 */
export function composeMessage(author: Author, state: RoomState, said: string | MessageBody): SignedEntry {
  const { crypto, signer, now } = author;
  const body = bodyOf(said);
  if (body.kind === 'hide' && !mayHide(requireMembership(author, state).role)) {
    throw new RoomError('not-allowed', 'Only the owner and the moderators of a room hide messages of others.');
  }
  requireMembership(author, state);
  const current = currentSecret(state);
  if (current === null) throw new RoomError('no-key', 'You do not have the key of this room yet.');
  if (isRemovalPending(state)) {
    throw new RoomError('rekey-pending', 'A member has gone: the room waits for a new key.');
  }
  if (isInvitationPending(state)) {
    throw new RoomError('rekey-pending', 'A user has been invited: the room waits for a key for that user.');
  }
  if (isKeyWornOut(state, now)) {
    throw new RoomError('rekey-pending', 'The key of this room has served long enough: the room waits for a new key.');
  }

  const { epochNumber, secret } = current;
  const content = encodeContent(contentOf(state, { author: signer.fingerprint, now, body }));
  const key = messageKey(crypto, secret, { roomId: state.room, epochNumber, author: signer.fingerprint });
  const token = crypto.encrypt(key, content, now);
  return signEntry<'message'>(signer, state.room, { type: 'message', epoch: epochNumber, head: state.head, token });
}

/**
 * Returns the padded size of the message that `composeMessage` would encrypt now, in bytes. It needs no key.
 *
 * @throws RoomError `not-a-member`, `message-too-long`, `reaction-too-long`, `nothing-to-say`
 */
export function messageBytes(state: RoomState, said: string | MessageBody): number {
  requireChain(state, state.me);
  return paddedBytesOf(bodyOf(said));
}

interface MessageParts {
  readonly author: Fingerprint;
  readonly now: number;
  readonly body: MessageBody;
}

function requireChain(state: RoomState, author: Fingerprint): AuthorChain {
  const chain = state.authors.get(author);
  if (chain === undefined) throw new RoomError('not-a-member', 'The entry with which you joined is unknown.');
  return chain;
}

function contentOf(state: RoomState, { author, now, body }: MessageParts): MessageContent {
  const { counter, last } = requireChain(state, author);
  return { counter: counter + 1, previous: last, at: now, body };
}

/**
 * Returns the author as a member of the room.
 *
 * @throws RoomError `not-a-member`
 */
export function requireMembership({ signer }: Author, state: RoomState): Member {
  const own = state.members.get(signer.fingerprint);
  if (own === undefined) throw new RoomError('not-a-member', 'You are not a member of this room: join it first.');
  return own;
}
