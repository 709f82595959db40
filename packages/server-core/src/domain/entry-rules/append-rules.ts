/**
 * Rules of appending to a room. Clients verify all of this again. The server's checks settle races between honest clients and
 * keep the log clean; members do not rely on them.
 *
 * The server does not verify the signatures of messages; their readers do. One P-384 verification takes half a millisecond,
 * which would limit the whole server to about 2,000 messages a second. It verifies control entries, which are rare.
 */
import {
  type EntryType,
  entryDomain,
  entryHash,
  type Identity,
  lastKeyOf,
  type Payload,
  ProtocolError,
  parsePayload,
  type RoomId,
  roomIdOf,
  type SignedEntry,
} from '@chat/protocol';
import { isLowS } from '@chat/signatures';
import type { ChainJudge } from '../../identity/key-chain.ts';
import type { RegisteredUser } from '../../identity/registered-user.ts';
import type { Account } from '../../ports/directory.ts';
import type { Member, Room, RoomChange } from '../../ports/room-store.ts';
import type { WrapSource } from '../../ports/wrap-source.ts';
import { admitRemove, admitRole, departureOf } from './decision-rules.ts';
import { admitEpoch, admitMessage } from './epoch-rules.ts';
import { admitDecline, admitInvite, admitJoin } from './invitation-rules.ts';
import { admitKeyRenewal } from './key-renewal-rules.ts';
import type { LogView } from './log-view.ts';
import { userIn } from './user-index.ts';

/** A user's request to append the first entry of a room. */
export interface CreateRequest {
  readonly author: RegisteredUser;
  /** The client's id of the request. */
  readonly cid: string;
  readonly entry: SignedEntry;
}

/** A user's request to append an entry. */
export interface AppendRequest extends CreateRequest {
  /** Gives the wraps of an `epoch` entry. Null for an entry that members give back: its wraps were lost with it. */
  readonly wraps: WrapSource | null;
}

/** An entry that may be appended. */
export interface AdmittedEntry {
  /** Entry hash. */
  readonly hash: string;
  readonly change: RoomChange | null;
  /** For an epoch: true when neither the members nor the log require it. Default: false. */
  readonly unforced?: boolean;
  /** For an epoch: true when its author lacks the key of the one before. Default: false. */
  readonly lostKey?: boolean;
  /** For an epoch: the recipients without a wrap. Default: none. */
  readonly leftOut?: readonly Identity[];
}

/** What an entry is checked against: the room after all entries before it. */
export interface RoomContext {
  readonly state: Room;
  readonly view: LogView;
  readonly judgeChain: ChainJudge;
  /**
   * For an `invite` entry: the account of the invited name; null when there is none that is not revoked. Default: the account
   * is not checked, because members give the entry back and the account may be lost too.
   */
  readonly invitedAccount?: Account | null;
  /** Milliseconds. */
  readonly now: number;
}

/** A control entry has some hundred bytes. With this bound its frame always fits into the frame limit. */
const maxControlBytes = 4 * 1024;

const refused = (message: string) => new ProtocolError('entry-refused', message);

/**
 * Checks the first entry of a room.
 *
 * @returns the entry, with the id of the new room
 * @throws ProtocolError `entry-refused`
 */
export function admitCreate(request: CreateRequest): AdmittedEntry & { readonly room: RoomId } {
  const { author, entry } = request;
  if (entry.type !== 'create') throw refused(`A room begins with a create entry, not with a ${entry.type} entry.`);
  const payload = readPayload('create', '', request);
  if (payload.v !== 2) throw refused('A new room begins with a create entry of version 2: update your client.');
  requireNamesAuthor(payload.author, payload.key, author);
  return {
    room: roomIdOf(entry.payload),
    hash: entryHash(entry),
    change: {
      kind: 'create',
      name: payload.name,
      policy: payload.policy,
      user: author.user,
      fingerprint: author.fingerprint,
    },
  };
}

/**
 * Checks an entry against the room after all entries before it.
 *
 * @throws ProtocolError with the code of the violated rule
 */
export function admit(context: RoomContext, request: AppendRequest): AdmittedEntry {
  if (context.state.name === null) {
    throw new ProtocolError('unknown-room', 'This room was closed when its last member left: create a new one.');
  }
  const { type } = request.entry;
  const hash = entryHash(request.entry);
  if (type !== 'epoch') return { change: changeOf(type, context, request), hash };
  const { payload } = readAsMember('epoch', context, request);
  const { room } = context.state;
  const wraps = request.wraps && { staged: request.wraps.take({ ...payload, room }) };
  return { ...admitEpoch(context.state, payload, { hash, wraps, now: context.now }), hash };
}

function changeOf(type: Exclude<EntryType, 'epoch'>, context: RoomContext, request: AppendRequest): RoomChange | null {
  const { author } = request;
  const { state } = context;
  switch (type) {
    case 'create':
      throw refused('This room exists: only the first entry of a room is a create entry.');
    case 'revoke':
      throw refused('Only the server itself makes revoke entries: ask its operator, or remove the member.');
    case 'join': {
      const payload = readPayload('join', state.room, request);
      requireNamesAuthor(payload.author, payload.key, author);
      return admitJoin(state, { payload, joiner: author, now: request.wraps === null ? null : context.now });
    }
    case 'decline': {
      const payload = readPayload('decline', state.room, request);
      requireNamesAuthor(payload.author, author.key, author);
      return admitDecline(state, payload, author);
    }
    case 'renew-key': {
      const payload = readPayload('renew-key', state.room, request);
      requireNamesAuthor(payload.author, lastKeyOf(payload), author);
      return admitKeyRenewal(state, payload, { author, judgeChain: context.judgeChain });
    }
    case 'leave': {
      const { member, payload } = readAsMember('leave', context, request);
      if (payload.head.seq < member.joinedAt) {
        throw refused('The leave was signed before you last joined: sign a new one.');
      }
      const { user, fingerprint } = author;
      return { kind: 'leave', user, fingerprint, ...departureOf(state, member) };
    }
    case 'invite': {
      const { member, payload } = readAsMember('invite', context, request);
      return admitInvite(state, member, { ...context, payload });
    }
    case 'role': {
      const { member, payload } = readAsMember('role', context, request);
      return admitRole(state, member, payload);
    }
    case 'remove': {
      const { member, payload } = readAsMember('remove', context, request);
      return admitRemove(state, member, payload);
    }
    case 'message': {
      const payload = readPayload('message', state.room, request);
      requireMember(state, request);
      admitMessage(state, payload);
      context.view.require(type, payload.head);
      return null;
    }
  }
}

type MemberEntryType = 'leave' | 'invite' | 'role' | 'remove' | 'epoch';

/** Reads a control entry of a member whose view belongs to this log. */
function readAsMember<T extends MemberEntryType>(
  type: T,
  { state, view }: RoomContext,
  request: AppendRequest,
): { readonly member: Member; readonly payload: Payload<T> } {
  const payload = readPayload(type, state.room, request);
  requireNamesAuthor(payload.author, request.author.key, request.author);
  const member = requireMember(state, request);
  view.require(type, payload.head);
  return { member, payload };
}

function requireMember(state: Room, { author }: CreateRequest): Member {
  const member = userIn(state.members, author.user);
  if (member === undefined) throw new ProtocolError('not-a-member', 'You are not in this room: join it first.');
  if (member.fingerprint !== author.fingerprint) {
    throw refused('Your identity key was renewed, and this room has the key before: append a renew-key entry first.');
  }
  return member;
}

/** Verifies that the author has signed the entry for this room, then parses its payload. */
function readPayload<T extends EntryType>(type: T, roomId: RoomId | '', { author, entry }: CreateRequest): Payload<T> {
  if (entry.by !== author.fingerprint) {
    throw refused('The entry is signed by a key that is not your registered key: sign it with yours.');
  }
  if (!isLowS(entry.signature)) {
    throw refused('The signature is not DER with a low s: encode it as the protocol says.');
  }
  if (type !== 'message') {
    if (entry.payload.length > maxControlBytes) {
      throw refused(`A ${type} entry has at most ${maxControlBytes} bytes of payload.`);
    }
    if (!author.verifier.verify(entryDomain(type, roomId), entry.payload, entry.signature)) {
      throw refused(
        `The signature is not valid for a ${type} entry of this room: sign the payload exactly as you send it.`,
      );
    }
  }
  const payload = parsePayload(type, entry.payload);
  if (payload === null) throw refused(`The payload is not that of a ${type} entry: update your client.`);
  if ('room' in payload && payload.room !== undefined && payload.room !== roomId) {
    throw refused('The entry was made for another room: send it there.');
  }
  return payload;
}

/** Requires that the entry names its author as the directory does. */
function requireNamesAuthor(user: string, key: string, author: RegisteredUser): void {
  if (user !== author.user || key !== author.key) {
    throw refused(`The entry does not name ${author.user} with the registered key as its author: name yourself.`);
  }
}
