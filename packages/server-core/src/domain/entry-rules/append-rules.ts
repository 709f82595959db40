/**
 * What may be appended to a room. Clients verify all of this again: the checks here settle honest races and keep the log
 * clean, they are not what members rely on.
 *
 * A message's signature is not verified here. Its readers do that, and one P-384 verification takes half a millisecond:
 * it would hold the whole server to about 2,000 messages a second. Control entries are rare, so theirs are.
 */
import {
  type EntryType,
  entryDomain,
  entryHash,
  fromBase64url,
  type Payload,
  ProtocolError,
  parsePayload,
  type RoomId,
  roomIdOf,
  type SignedEntry,
  utf8,
  type Wrap,
} from '@chat/protocol';
import type { RegisteredUser } from '../../identity/registered-user.ts';
import type { Account } from '../../ports/directory.ts';
import type { Member, Room, RoomChange } from '../../ports/room-store.ts';
import { admitRemove, admitRole, departureOf } from './decision-rules.ts';
import { admitEpoch, admitMessage } from './epoch-rules.ts';
import { admitInvite, admitJoin } from './invitation-rules.ts';
import type { LogView } from './log-view.ts';

/** An entry that somebody wants to append. */
export interface AppendRequest {
  readonly author: RegisteredUser;
  readonly cid: string;
  readonly entry: SignedEntry;
  /** Takes the wraps that came for an epoch of this number. */
  readonly takeWraps: (number: number) => readonly Wrap[];
}

/** An entry that may be appended, and what it does. */
export interface Admitted {
  readonly hash: string;
  readonly change: RoomChange | null;
}

/** What an entry is held against: the room as it is after all entries before. */
export interface Ground {
  readonly state: Room;
  readonly view: LogView;
  /** For an `invite`: the account of whoever it names, when there is one that may log in. */
  readonly invited: Account | null;
}

/** A control entry is some hundred bytes; with this bound its frame fits in whatever is wrapped around it. */
const controlBytes = 4 * 1024;

const refused = (message: string) => new ProtocolError('entry-refused', message);

/** Checks the first entry of a room; returns the room's id with it. */
export function admitCreate(request: AppendRequest): Admitted & { readonly room: RoomId } {
  const { author, entry } = request;
  if (entry.type !== 'create') throw refused(`A room begins with a create entry, not with a ${entry.type} entry.`);
  const payload = readPayload('create', '', request);
  requireOwn(payload.author, payload.key, author);
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

/** Checks an entry against the room as it is after all entries before. */
export function admit(ground: Ground, request: AppendRequest): Admitted {
  if (ground.state.name === null) {
    throw new ProtocolError('unknown-room', 'This room was closed when its last member left: create a new one.');
  }
  return { change: changeOf(ground, request), hash: entryHash(request.entry) };
}

function changeOf(ground: Ground, request: AppendRequest): RoomChange | null {
  const { author, entry } = request;
  const { state } = ground;
  switch (entry.type) {
    case 'create':
      throw refused('This room exists: a create entry begins a room of its own.');
    case 'revoke':
      throw refused('Only the server itself makes revoke entries: ask whoever runs it, or remove the member.');
    case 'join': {
      const payload = readPayload('join', state.room, request);
      requireOwn(payload.author, payload.key, author);
      return admitJoin(state, payload, author);
    }
    case 'leave': {
      const { member, payload } = readAsMember('leave', ground, request);
      if (payload.head.seq < member.joinedAt) {
        throw refused('The leave is from before you last joined: sign a new one.');
      }
      const { user, fingerprint } = author;
      return { kind: 'leave', user, fingerprint, ...departureOf(state, member) };
    }
    case 'invite': {
      const { member, payload } = readAsMember('invite', ground, request);
      return admitInvite(state, member, payload, ground.invited);
    }
    case 'role': {
      const { member, payload } = readAsMember('role', ground, request);
      return admitRole(state, member, payload);
    }
    case 'remove': {
      const { member, payload } = readAsMember('remove', ground, request);
      return admitRemove(state, member, payload);
    }
    case 'epoch': {
      const { payload } = readAsMember('epoch', ground, request);
      return admitEpoch(state, payload, entryHash(entry), request.takeWraps(payload.number));
    }
    case 'message': {
      const payload = readPayload('message', state.room, request);
      requireMember(state, request);
      admitMessage(state, payload);
      ground.view.require(payload.head);
      return null;
    }
  }
}

type MembersEntry = 'leave' | 'invite' | 'role' | 'remove' | 'epoch';

/** A control entry by a member who has seen this log. */
function readAsMember<T extends MembersEntry>(
  type: T,
  { state, view }: Ground,
  request: AppendRequest,
): { readonly member: Member; readonly payload: Payload<T> } {
  const payload = readPayload(type, state.room, request);
  requireOwn(payload.author, request.author.key, request.author);
  const member = requireMember(state, request);
  view.require(payload.head);
  return { member, payload };
}

function requireMember(state: Room, { author }: AppendRequest): Member {
  const member = state.members.find(({ user }) => user === author.user);
  if (member === undefined) throw new ProtocolError('not-a-member', 'You are not in this room: join it first.');
  return member;
}

/** The payload of an entry that this author signed for this room. Verifies first and parses then. */
function readPayload<T extends EntryType>(type: T, room: RoomId | '', { author, entry }: AppendRequest): Payload<T> {
  if (entry.by !== author.fingerprint) {
    throw refused('The entry is signed by another key than the one you are registered with: sign it with yours.');
  }
  if (type !== 'message') {
    const bytes = utf8(entry.payload);
    if (bytes.length > controlBytes) throw refused(`A ${type} entry has at most ${controlBytes} bytes of payload.`);
    if (!author.verifier.verify(entryDomain(type, room), bytes, fromBase64url(entry.signature))) {
      throw refused(`The signature is not valid for a ${type} entry of this room: sign the payload as it is sent.`);
    }
  }
  const payload = parsePayload(type, entry.payload);
  if (payload === null) throw refused(`The payload is not that of a ${type} entry of version 1: update your client.`);
  if ('room' in payload && payload.room !== room) {
    throw refused('The entry was made for another room: send it there.');
  }
  return payload;
}

/** What an entry says about its author must be what the directory says. */
function requireOwn(user: string, key: string, author: RegisteredUser): void {
  if (user !== author.user || key !== author.key) {
    throw refused(`The entry names another author than ${author.user} with their registered key: sign your own.`);
  }
}
