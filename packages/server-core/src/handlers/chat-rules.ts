/** The ways in which the chat port's operations are guarded. Each handler gets a call of the type that its guard proves. */
import { type ChatOperation, ProtocolError, type RequestOf, type ResultOf, type RoomId } from '@chat/protocol';
import type { ChatCall, MemberCall, UserCall } from './chat-call.ts';
import { parseRequest, type Rule, type RuleOptions, ruleOf } from './rule.ts';

type Handler<O extends ChatOperation, Call> = (request: RequestOf<O>, call: Call) => ResultOf<O> | Promise<ResultOf<O>>;

/** Operations whose request names a room. */
type RoomOperation = { [O in ChatOperation]: RequestOf<O> extends { room: RoomId } ? O : never }[ChatOperation];

function loggedIn(call: ChatCall): UserCall {
  const { person } = call;
  if (person === null) throw new ProtocolError('not-now', 'Log in first: answer the challenge in hello.');
  return { ...call, person };
}

/** At any time. */
export const anytime = <O extends ChatOperation>(op: O, options: RuleOptions, handle: Handler<O, ChatCall>) =>
  ruleOf<ChatCall>(options, async (fields, call) => handle(parseRequest(op, fields), call));

/** Only until the login. */
export const beforeLogin = <O extends ChatOperation>(op: O, options: RuleOptions, handle: Handler<O, ChatCall>) =>
  ruleOf<ChatCall>(options, async (fields, call) => {
    if (call.person !== null) throw new ProtocolError('not-now', 'You are logged in on this connection already.');
    return handle(parseRequest(op, fields), call);
  });

/** Only after the login. */
export const afterLogin = <O extends ChatOperation>(op: O, options: RuleOptions, handle: Handler<O, UserCall>) =>
  ruleOf<ChatCall>(options, async (fields, call) => {
    const known = loggedIn(call);
    return handle(parseRequest(op, fields), known);
  });

/** Only for members of the room that the request names. */
export const asMember = <O extends RoomOperation>(
  op: O,
  options: RuleOptions,
  handle: Handler<O, MemberCall>,
): Rule<ChatCall> =>
  ruleOf<ChatCall>(options, async (fields, call) => {
    const known = loggedIn(call);
    const request = parseRequest(op, fields);
    return call.services.rooms.asMember(request.room, known.person.user, (room) => handle(request, { ...known, room }));
  });
