/** The server's lists, a page at a time, until their end. */
import type { ResultOf, RoomName, RoomSummary } from '@chat/protocol';
import type { ClientContext } from '../context.ts';
import type { InvitationView } from '../view.ts';

type Asking = Pick<ClientContext, 'request'>;

async function allOf<T extends { readonly name: RoomName }>(
  page: (after: { readonly after?: string }) => Promise<{ readonly items: readonly T[]; readonly more: boolean }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (;;) {
    const last = all.at(-1);
    const { items, more } = await page(last === undefined ? {} : { after: last.name });
    all.push(...items);
    if (!more || items.length === 0) return all;
  }
}

/** The rooms that this user can see. */
export const listRooms = ({ request }: Asking): Promise<readonly RoomSummary[]> =>
  allOf(async (after) => {
    const { rooms, more } = await request('list-rooms', after);
    return { items: rooms, more };
  });

type ListedInvitation = ResultOf<'list-invitations'>['invitations'][number];

/** The rooms that wait for this user to join. */
export async function listInvitations({ request }: Asking): Promise<readonly InvitationView[]> {
  const listed = await allOf<ListedInvitation>(async (after) => {
    const { invitations, more } = await request('list-invitations', after);
    return { items: invitations, more };
  });
  return listed.map(({ room, name, by, policy }) => ({ roomId: room, roomName: name, by, policy }));
}
