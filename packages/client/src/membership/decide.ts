/** What an owner or a moderator decides about others, from the request until this user's own log shows that it took. */
import type { Role, UserName } from '@chat/protocol';
import { composeRemove, composeRole, membersOf, type RoomState } from '@chat/room';
import { authorOf, type ClientContext } from '../context.ts';
import { decide } from '../room/room-append.ts';
import type { RoomSession } from '../room/room-session.ts';

/** Resolves when the log shows that this member, or this invited person, is out. */
export async function removeMember(context: ClientContext, session: RoomSession, user: UserName): Promise<void> {
  const isOut = (state: RoomState) => !isNamed(state.members, user) && !isNamed(state.invited, user);
  await decide(context, session, (state) => composeRemove(authorOf(context), state, user), isOut);
}

/** Resolves when the log shows the role; or, with `member` for somebody who was removed, that they may join again. */
export async function giveRole(
  context: ClientContext,
  session: RoomSession,
  user: UserName,
  role: Role,
): Promise<void> {
  const readmits = isNamed(session.state.removed, user);
  const hasRole = (state: RoomState) => membersOf(state).some((member) => member.user === user && member.role === role);
  await decide(
    context,
    session,
    (state) => composeRole(authorOf(context), state, { user, role }),
    (state) => (readmits ? !isNamed(state.removed, user) : hasRole(state)),
  );
}

const isNamed = (people: Readonly<Record<string, { readonly user: UserName }>>, user: UserName): boolean =>
  Object.values(people).some((person) => person.user === user);
