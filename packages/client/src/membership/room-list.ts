/** Reads the server's lists of rooms and invitations, page by page. */
import type { ResultOf, RoomName, RoomSummary } from '@chat/protocol';
import type { ClientContext } from '../context.ts';
import { ClientError } from '../errors.ts';
import type { InvitationView } from '../view.ts';

/** A list of 10,000 names: more than a server of this project holds in practice, and few enough to keep in memory. */
const maxPages = 100;

type Asking = Pick<ClientContext, 'request'>;

async function allOf<T extends { readonly name: RoomName }>(
  page: (after: { readonly after?: string }) => Promise<{ readonly items: readonly T[]; readonly more: boolean }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let pages = 0; pages < maxPages; pages += 1) {
    const last = all.at(-1);
    const { items, more } = await page(last === undefined ? {} : { after: last.name });
    all.push(...items);
    if (!more || items.length === 0) return all;
  }
  throw new ClientError(
    'not-a-chat-server',
    `The server's list does not end after ${maxPages} pages: ask its operator whether it has so many rooms.`,
  );
}

/** Returns the rooms that the user can see. */
export const listRooms = ({ request }: Asking): Promise<readonly RoomSummary[]> =>
  allOf(async (after) => {
    const { rooms, more } = await request('list-rooms', after);
    return { items: rooms, more };
  });

type ListedInvitation = ResultOf<'list-invitations'>['invitations'][number];

/** Returns the rooms that the user is invited to and has not joined. */
export async function listInvitations({ request }: Asking): Promise<readonly InvitationView[]> {
  const listed = await allOf<ListedInvitation>(async (after) => {
    const { invitations, more } = await request('list-invitations', after);
    return { items: invitations, more };
  });
  return listed.map(({ room, name, by, policy }) => ({ roomId: room, roomName: name, by, policy }));
}
