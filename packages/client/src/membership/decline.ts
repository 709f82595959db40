/** Declines invitations. The room stays unknown to this client; its members read the decline on the log. */
import type { RoomId, RoomName } from '@chat/protocol';
import { composeDecline } from '@chat/room';
import { authorOf, type ClientContext, newClientId } from '../context.ts';
import { ClientError } from '../errors.ts';

/**
 * Declines the user's invitation to a room. Resolves when the server has stored it.
 *
 * @throws ClientError `not-invited`, and as `ClientContext.request` does
 */
export async function decline(context: ClientContext, roomName: RoomName): Promise<RoomId> {
  const { room, head, invitedAt } = await context.request('find-room', { name: roomName });
  if (head === undefined || invitedAt === null) {
    throw new ClientError('not-invited', `You have no invitation to ${roomName}: there is nothing to decline.`);
  }
  const entry = composeDecline(authorOf(context), room, head);
  await context.request('append', { room, cid: newClientId(context.crypto), entry });
  return room;
}
