/** Tells invitations by users whom the local user knows from those by strangers. */
import { limits } from '@chat/protocol';
import type { ClientContext } from '../context.ts';

/** Pages of invitations that are looked through: 2,000. A user who has more is flooded, and keeps no prekeys for the further ones. */
const maxInvitationPages = 20;

/**
 * Returns whether an invitation by a user with a pin waits, by the server's word. A stranger must not lengthen the life of prekeys:
 * what a stranger's room has said before the join may be lost. Nor does an old invitation, also one to a direct room, where it does
 * not end: the local user has seen it for a month and has not joined.
 */
export async function isInvitedByKnownUser({
  request,
  pins,
  scheduler,
}: Pick<ClientContext, 'request' | 'pins' | 'scheduler'>): Promise<boolean> {
  const after = scheduler.now() - limits.invitationAge;
  for (let pages = 0, last: string | undefined; pages < maxInvitationPages; pages++) {
    const { invitations, more } = await request('list-invitations', last === undefined ? {} : { after: last });
    if (invitations.some(({ by, at }) => at > after && pins.has(by))) return true;
    last = invitations.at(-1)?.name;
    if (!more || last === undefined) return false;
  }
  return false;
}
