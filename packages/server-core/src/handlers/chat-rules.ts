/** The guards of the chat port's operations. The type of a handler's call states what its guard has checked. */
import { type ChatOperation, ProtocolError, type RequestOf, type ResultOf, type RoomId } from '@chat/protocol';
import type { ChatCall, MemberCall, UserCall } from './chat-call.ts';
import { parseRequest, type Rule, type RuleOptions, ruleOf } from './rule.ts';

type Handler<O extends ChatOperation, Call> = (request: RequestOf<O>, call: Call) => ResultOf<O> | Promise<ResultOf<O>>;

/** Operations whose request names a room. */
type RoomOperation = { [O in ChatOperation]: RequestOf<O> extends { room: RoomId } ? O : never }[ChatOperation];

/** No user logs out of a session, so its call stays one of that user. */
const isOfUser = (call: ChatCall): call is UserCall => call.caller !== null;

function requireLogin(call: ChatCall): UserCall {
  if (!isOfUser(call)) throw new ProtocolError('not-now', 'Log in first: answer the challenge in hello.');
  return call;
}

/** Allows the operation at any time. */
export const anytime = <O extends ChatOperation>(op: O, options: RuleOptions, handle: Handler<O, ChatCall>) =>
  ruleOf<ChatCall>(options, (fields, call) => handle(parseRequest(op, fields), call));

/** Allows the operation only before the login. */
export const beforeLogin = <O extends ChatOperation>(op: O, options: RuleOptions, handle: Handler<O, ChatCall>) =>
  ruleOf<ChatCall>(options, (fields, call) => {
    if (call.caller !== null) throw new ProtocolError('not-now', 'You are logged in on this connection already.');
    return handle(parseRequest(op, fields), call);
  });

/** Allows the operation only after the login. */
export const afterLogin = <O extends ChatOperation>(op: O, options: RuleOptions, handle: Handler<O, UserCall>) =>
  ruleOf<ChatCall>(options, (fields, call) => {
    const userCall = requireLogin(call);
    return handle(parseRequest(op, fields), userCall);
  });

/** Allows the operation only for members of the room that the request names. */
export const asMember = <O extends RoomOperation>(
  op: O,
  options: RuleOptions,
  handle: Handler<O, MemberCall>,
): Rule<ChatCall> =>
  afterLogin(op, options, (request, call) =>
    call.services.rooms.asMember(request.room, call.caller.user, (room) => handle(request, { ...call, room })),
  );

/** Allows the operation only for members and invited users of the room that the request names. */
export const asRecipient = <O extends RoomOperation>(
  op: O,
  options: RuleOptions,
  handle: Handler<O, UserCall>,
): Rule<ChatCall> =>
  afterLogin(op, options, (request, call) =>
    call.services.rooms.asRecipient(request.room, call.caller, () => handle(request, call)),
  );
