/** What an owner or a moderator decides about others, from the request until this user's own log shows that it took. */
import type { Role, SignedEntry, UserName } from '@chat/protocol';
import { composeRemove, composeRole, membersOf, type RoomState } from '@chat/room';
import { authorOf, type ClientContext, newClientId } from './context.ts';
import { ClientError } from './errors.ts';
import type { RoomSession } from './room-session.ts';

/** How long a step may take that the server has accepted, in ms. */
const stepWithin = 20_000;

/** Resolves when the log shows that this member is out. */
export async function removeMember(context: ClientContext, session: RoomSession, user: UserName): Promise<void> {
  const entry = composeRemove(authorOf(context), session.state, user);
  await decide(context, session, entry, (state) => isRemoved(state, user));
}

/** Resolves when the log shows the role; or, with `member` for somebody who was removed, that they may join again. */
export async function giveRole(
  context: ClientContext,
  session: RoomSession,
  user: UserName,
  role: Role,
): Promise<void> {
  const readmits = isRemoved(session.state, user);
  const entry = composeRole(authorOf(context), session.state, user, role);
  const hasRole = (state: RoomState) => membersOf(state).some((member) => member.user === user && member.role === role);
  await decide(context, session, entry, (state) => (readmits ? !isRemoved(state, user) : hasRole(state)));
}

const isRemoved = (state: RoomState, user: UserName): boolean =>
  Object.values(state.removed).some((removal) => removal.user === user);

/** Appends the entry and waits for it on the log: the server's word that it has it is not enough. */
async function decide(
  context: ClientContext,
  session: RoomSession,
  entry: SignedEntry,
  took: (state: RoomState) => boolean,
): Promise<void> {
  const { room, conditions } = session;
  const { seq } = await context.request('append', { room, cid: newClientId(context.crypto), entry });
  // What others do may undo it again, so it is looked for at each step and not only at the end.
  let seen = false;
  const isShown = () => {
    seen ||= took(session.state);
    return seen || session.state.head.seq >= seq;
  };
  const late = () =>
    new ClientError('timed-out', 'The room has not shown it yet; it will once the server answers again.');
  await conditions.until(isShown, stepWithin, late);
  if (seen) return;
  const reason =
    'The server says that it has this decision, and does not show it on the log: it may be holding it back.';
  throw new ClientError('not-delivered', reason);
}
