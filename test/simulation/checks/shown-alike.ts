/** Checks that all members who have a message show the same of it: its text, who has deleted it, the reactions. */
import type { MessageView } from '@chat/client';
import type { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import { keptOf } from './kept-messages.ts';

/** Returns what has to be the same, as a text. What a message answers is shown by those who have that one too. */
const comparable = ({ user, text, at, action, newer, editedAt, deletedBy, reactions }: MessageView): string =>
  JSON.stringify([user, text, at, action, newer, editedAt, deletedBy, reactions]);

/** True if the client could not read every message of the room that it may read: it lacks changes without being at fault. */
const lacksSome = ({ events }: SimulatedUser, roomId: string): boolean =>
  events.some(
    (event) => event.kind === 'room' && event.roomId === roomId && ['unreadable', 'gap'].includes(event.event.kind),
  );

/** Returns a sentence for each message that two clients with the same log show differently. */
export async function shownDifferently({ people }: World): Promise<readonly string[]> {
  const faults: string[] = [];
  const first = new Map<string, { readonly user: string; readonly shown: string }>();
  for (const person of people) {
    const { client, user } = person;
    const rooms = client?.rooms() ?? [];
    for (const { roomId, roomName, left } of rooms) {
      const state = person.room(roomId)?.state;
      const isUnique = rooms.filter((room) => room.roomName === roomName).length === 1;
      if (client === null || state === undefined || left || !isUnique || lacksSome(person, roomId)) continue;
      for (const message of await keptOf(client, roomName)) {
        // What was read in an earlier stay lacks what was said in between.
        if (message.seq <= state.since) continue;
        const place = `${state.head.hash} ${message.seq}`;
        const shown = comparable(message);
        const other = first.get(place);
        if (other === undefined) first.set(place, { user, shown });
        else if (other.shown !== shown) {
          faults.push(`${roomName}: ${other.user} shows ${other.shown} at ${message.seq}, ${user} ${shown}`);
        }
      }
    }
  }
  return faults;
}
