/** Moves the first kept position of the rooms of which a number of messages is kept. */
import type { KeptMessage } from '../message.ts';
import { maxLimit, type PageOptions } from './store-options.ts';
import type { Streams } from './streams.ts';

/** Counts the messages of each such room from its end. `page` reads from a room. */
export async function countBack(
  streams: Streams,
  page: (roomId: string, options: PageOptions) => Promise<readonly KeptMessage[]>,
): Promise<void> {
  for (const roomId of streams.roomIds) {
    const keep = streams.retentionOf(roomId);
    if (typeof keep !== 'object' || !('messages' in keep)) continue;
    const stream = streams.numberOf(roomId);
    let first = Number.POSITIVE_INFINITY;
    let rest = keep.messages;
    while (rest > 0) {
      const found = await page(roomId, { before: first, limit: Math.min(rest, maxLimit) });
      if (found.length === 0) break;
      first = found[0]?.seq ?? 0;
      rest -= found.length;
    }
    // Unless the user has changed something in the meantime.
    const isSame = streams.numberOf(roomId) === stream && streams.retentionOf(roomId) === keep;
    if (rest <= 0 && isSame) streams.keepFrom(roomId, first);
  }
}
