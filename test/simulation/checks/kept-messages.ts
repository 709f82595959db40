/** What the clients keep of the messages that they have shown, after crashes, removals and second readings too. */
import type { ChatClient, MessageView, RoomView } from '@chat/client';
import { isChange } from '@chat/room';
import type { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';

/** Returns all messages that a client keeps of a room. */
export async function keptOf(client: ChatClient, roomName: string): Promise<readonly MessageView[]> {
  const kept: MessageView[] = [];
  for (let after = -1; ; after = kept.at(-1)?.seq ?? 0) {
    const page = await client.messages.page(roomName, { after, limit: 50 });
    if (page.length === 0) return kept;
    kept.push(...page);
  }
}

/** Compares what is kept of one room with what its user was shown: since the latest join all of it, and nothing else at any time. */
async function faultsIn(person: SimulatedUser, { roomId, roomName, left }: RoomView): Promise<readonly string[]> {
  const { client, events, user } = person;
  const state = person.room(roomId)?.state;
  if (client === null || state === undefined || left) return [];
  const shown = new Map<number, string>();
  for (const event of events) {
    if (event.kind !== 'room' || event.roomId !== roomId) continue;
    if (event.event.kind === 'message') shown.set(event.event.seq, event.event.text);
    else if (isChange(event.event) && event.about !== undefined) shown.set(event.about.seq, event.about.text);
  }
  const kept = await keptOf(client, roomName);
  const seqs = new Set(kept.map(({ seq }) => seq));
  const lost = [...shown.keys()].filter((seq) => seq > state.since && seq <= state.head.seq && !seqs.has(seq));
  const others = kept.filter(({ seq, text }) => shown.get(seq) !== text);
  return [
    ...lost.map((seq) => `${roomName}: ${user} has lost the message at ${seq}`),
    ...others.map(({ seq, text }) => `${roomName}: ${user} keeps "${text}" at ${seq}, which was not shown`),
    ...(seqs.size === kept.length ? [] : [`${roomName}: ${user} keeps ${kept.length - seqs.size} messages twice`]),
  ];
}

/** Returns a sentence for each message that a client has lost, keeps twice, or keeps although it was never shown. */
export async function keptFaults({ people }: World): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const person of people) {
    const rooms = person.client?.rooms() ?? [];
    for (const room of rooms) {
      // A name stands for one room: the other one of this name is closed.
      const isUnique = rooms.filter(({ roomName }) => roomName === room.roomName).length === 1;
      if (isUnique) faults.push(...(await faultsIn(person, room)));
    }
  }
  return faults;
}
