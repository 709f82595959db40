/** What a client keeps of a room. */
import type { ChatClient } from '../../src/index.ts';

/** Returns the texts that the client keeps of a room, in order. */
export async function textsIn(client: ChatClient, room: string): Promise<string[]> {
  return (await client.messages.page(room)).map(({ text }) => text);
}
