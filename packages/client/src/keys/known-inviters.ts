/** Tells invitations by users whom the local user knows from those by strangers. */
import type { ClientContext } from '../context.ts';

/** Pages of invitations that are looked through: 2,000. A user who has more is flooded, and keeps no prekeys for the further ones. */
const maxInvitationPages = 20;

/**
 * Returns whether an invitation by a user with a pin waits, by the server's word. A stranger must not lengthen the life of prekeys:
 * what a stranger's room has said before the join may be lost.
 */
export async function isInvitedByKnownUser({
  request,
  pins,
}: Pick<ClientContext, 'request' | 'pins'>): Promise<boolean> {
  for (let pages = 0, after: string | undefined; pages < maxInvitationPages; pages++) {
    const { invitations, more } = await request('list-invitations', after === undefined ? {} : { after });
    if (invitations.some(({ by }) => pins.has(by))) return true;
    after = invitations.at(-1)?.name;
    if (!more || after === undefined) return false;
  }
  return false;
}
