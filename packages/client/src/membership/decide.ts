/** Decisions of an owner or moderator: removals and roles, from the request until the log shows the effect. */
import type { Role, UserName } from '@chat/protocol';
import { composeRemove, composeRole, type Invitation, RoomError, type RoomState } from '@chat/room';
import { authorOf, type ClientContext } from '../context.ts';
import { appendDecision } from '../room/room-append.ts';
import type { RoomSession } from '../room/room-session.ts';

/** Removes a member or withdraws an invitation. Resolves when the log shows it. */
export async function removeMember(context: ClientContext, session: RoomSession, user: UserName): Promise<void> {
  await appendDecision(context, session, {
    compose: (state) => composeRemove(authorOf(context), state, user),
    isEffective: (state) => state.members.named(user) === null && state.invited.named(user) === null,
    isEffect: (event) => (event.kind === 'removed' || event.kind === 'withdrawn') && event.user === user,
  });
}

/**
 * Withdraws this very invitation. Resolves when the log shows it.
 *
 * @throws RoomError `unknown-member` if the invitation waits no longer: the user may be a member by now, who must not be removed
 */
export async function withdrawInvitation(
  context: ClientContext,
  session: RoomSession,
  { user, fingerprint, seq }: Invitation,
): Promise<void> {
  const waits = ({ invited }: RoomState) => invited.get(fingerprint)?.seq === seq;
  await appendDecision(context, session, {
    compose: (state) => {
      if (!waits(state)) throw new RoomError('unknown-member', `The invitation of ${user} does not wait any more.`);
      return composeRemove(authorOf(context), state, user);
    },
    isEffective: (state) => !waits(state),
    isEffect: (event) => event.kind === 'withdrawn' && event.fingerprint === fingerprint,
  });
}

/** Gives a member a role, or readmits a removed user with the role `member`. Resolves when the log shows it. */
export async function giveRole(
  context: ClientContext,
  session: RoomSession,
  user: UserName,
  role: Role,
): Promise<void> {
  const readmits = session.state.removed.named(user) !== null;
  const hasRole = (state: RoomState) => state.members.named(user)?.role === role;
  await appendDecision(context, session, {
    compose: (state) => composeRole(authorOf(context), state, { user, role }),
    isEffective: (state) => (readmits ? state.removed.named(user) === null : hasRole(state)),
    isEffect: (event) =>
      readmits
        ? event.kind === 'readmitted' && event.user === user
        : event.kind === 'role' && event.user === user && event.role === role,
  });
}
