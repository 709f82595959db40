/** Declines the invitation to a room, or to the direct room with a user, by the title of the room. */

import { codeOf } from '@chat/protocol';
import type { Client } from './client-surface.ts';
import { CommandError } from './command-error.ts';
import { userSign } from './text/room-title.ts';

/**
 * Declines an invitation.
 *
 * @param title a room name, or `@bob` for the direct room to which bob has invited the user
 * @throws CommandError `not-invited`
 */
export async function declineTitle(client: Client, title: string): Promise<void> {
  if (title.startsWith(userSign)) {
    const user = title.slice(userSign.length);
    const found = (await client.invitations()).find(({ by, policy }) => by === user && policy.join === 'direct');
    if (found === undefined) throw notInvited(`${user} has not invited you to a direct room`);
    return client.decline(found.roomName);
  }
  try {
    await client.decline(title);
  } catch (error) {
    // The sentence for this code tells a user how to ask for an invitation.
    throw codeOf(error) === 'not-invited' ? notInvited(`You have no invitation to ${title}`) : error;
  }
}

const notInvited = (why: string): CommandError =>
  new CommandError('not-invited', `${why}: /invitations (or "chat invitations") lists your invitations.`);
