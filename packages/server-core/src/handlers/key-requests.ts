/** Handlers of key requests: a member asks an online member for an epoch secret, and that member answers with a wrap over its link. */
import { type Identity, ProtocolError, type RequestOf, type ResultOf, type RoomId } from '@chat/protocol';
import { userIn } from '../domain/entry-rules/user-index.ts';
import { isUnread } from '../domain/keys/links.ts';
import type { MemberCall } from './chat-call.ts';

/** Passes the caller's key request to the asked member. */
export function askKey(
  { room: roomId, number, user }: RequestOf<'ask-key'>,
  { room, caller, services }: MemberCall,
): ResultOf<'ask-key'> {
  if (number !== room.epoch?.number) {
    throw new ProtocolError('stale-epoch', `The room is not at epoch ${number}: ask for the key of its latest epoch.`);
  }
  if (user === caller.user || userIn(room.members, user) === undefined) {
    throw new ProtocolError('unknown-member', `${user} is not another member of this room: ask a member.`);
  }
  services.keyRequests.count(caller, { room: roomId, number });
  if (!services.followers.sendTo(user, roomId, { push: 'key-asked', room: roomId, number, user: caller.user })) {
    throw new ProtocolError('not-online', `${user} does not follow this room now: ask another member.`);
  }
  services.keyRequests.open({ room: roomId, number, asker: caller.fingerprint, asked: user });
  services.rooms.noteKey(roomId, { number, user: caller.user, has: false });
  return {};
}

/** Passes on the wrap with which the caller answers a key request. It is not stored: an asker who has disconnected asks again. */
export async function giveKey(
  { room: roomId, number, to, wrap }: RequestOf<'give-key'>,
  call: MemberCall,
): Promise<ResultOf<'give-key'>> {
  const { services, caller } = call;
  // First, so that the request stays open for an answer on another link.
  if (isUnread(await services.links.live(caller.fingerprint, { first: to, last: to }), to, wrap) === null) {
    throw new ProtocolError(
      'unknown-link',
      'The server knows no link of yours to this user by which the wrap can be opened: open a new one and answer again.',
    );
  }
  const asker = closeRequest(call, { roomId, number, isAsker: ({ fingerprint }) => fingerprint === to });
  services.rooms.noteKey(roomId, { number, user: asker.user, has: true });
  const push = { push: 'key-given', room: roomId, number, from: caller.fingerprint, wrap } as const;
  services.followers.sendTo(asker.user, roomId, push);
  return {};
}

/** Passes on that the caller lacks the requested key too. */
export function lackKey({ room: roomId, number, user }: RequestOf<'lack-key'>, call: MemberCall): ResultOf<'lack-key'> {
  closeRequest(call, { roomId, number, isAsker: (member) => member.user === user });
  const { caller, services } = call;
  services.rooms.noteKey(roomId, { number, user: caller.user, has: false });
  services.followers.sendTo(user, roomId, { push: 'key-lacked', room: roomId, number, user: caller.user });
  return {};
}

interface AnsweredRequest {
  readonly roomId: RoomId;
  readonly number: number;
  readonly isAsker: (member: Identity) => boolean;
}

/**
 * Closes the request that the caller answers, and returns the member who made it.
 *
 * @throws ProtocolError `unknown-member`, `not-allowed`
 */
function closeRequest({ room, caller, services }: MemberCall, { roomId, number, isAsker }: AnsweredRequest): Identity {
  const asker = room.members.find(isAsker);
  if (asker === undefined) {
    throw new ProtocolError('unknown-member', 'The user of this answer is not in this room: do not give them the key.');
  }
  if (!services.keyRequests.close({ room: roomId, number, asker: asker.fingerprint, asked: caller.user })) {
    throw new ProtocolError(
      'not-allowed',
      `${asker.user} has no open request to you for this key: wait for a request.`,
    );
  }
  return asker;
}
