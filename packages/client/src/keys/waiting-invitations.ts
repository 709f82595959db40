/** Whether invitations wait for the user: those by users whom the local user knows apart from those by strangers. */
import { limits } from '@chat/protocol';
import type { ClientContext } from '../context.ts';

/** Pages of invitations that are looked through: 2,000. A user who has more is flooded, and keeps no links for the further ones. */
const maxInvitationPages = 20;

/**
 * Returns by whom an invitation waits, by the server's word: `known` if one is by a user with a pin, `stranger` if there are others
 * only. A stranger must not lengthen the life of links that carry keys of the user's own rooms. Nor does an old invitation, also one to
 * a direct room, where it does not end: the local user has seen it for a month and has not joined.
 */
export async function waitingInvitations({
  request,
  pins,
  scheduler,
}: Pick<ClientContext, 'request' | 'pins' | 'scheduler'>): Promise<'known' | 'stranger' | 'none'> {
  const after = scheduler.now() - limits.invitationAge;
  let found: 'stranger' | 'none' = 'none';
  for (let pages = 0, last: string | undefined; pages < maxInvitationPages; pages++) {
    const { invitations, more } = await request('list-invitations', last === undefined ? {} : { after: last });
    const recent = invitations.filter(({ at }) => at > after);
    if (recent.some(({ by }) => pins.has(by))) return 'known';
    if (recent.length > 0) found = 'stranger';
    last = invitations.at(-1)?.name;
    if (!more || last === undefined) break;
  }
  return found;
}
