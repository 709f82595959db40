/** Brings the messages together that were read of one room under two names. */
import { areSame, joined, lacksChanges } from '../changes.ts';
import type { KeptMessage } from '../message.ts';
import { maxLimit, type PageOptions } from './store-options.ts';

/** The store in which messages are brought together. */
export interface MergingStore {
  page(roomId: string, options: PageOptions): Promise<readonly KeptMessage[]>;
  /** Adds messages to the room that gets them: at positions of which it has none, or with changes that it lacks. */
  place(messages: readonly KeptMessage[]): void;
}

/**
 * Adds to a room the messages of another name at whose positions it has none, and the changes that it lacks of its own. After a crash in between it is
 * done anew, with the same result.
 */
export async function mergeRooms({ page, place }: MergingStore, from: string, into: string): Promise<void> {
  for (let after = -1; ; ) {
    const bound = { after, limit: maxLimit };
    const found = await page(from, bound);
    const last = found.at(-1);
    if (last === undefined) return;
    const own = await page(into, bound);
    // What the room has after the last message of its page is not known yet.
    const end = Math.min(last.seq, own.at(-1)?.seq ?? last.seq);
    const known = new Map<number, KeptMessage[]>();
    for (const message of own) known.set(message.seq, [...(known.get(message.seq) ?? []), message]);
    const lacking = found.flatMap((message) => {
      if (message.seq > end) return [];
      const others = known.get(message.seq);
      if (others === undefined) return [message];
      const same = others.find((other) => areSame(other, message));
      return same !== undefined && lacksChanges(same, message) ? [joined(same, message)] : [];
    });
    if (lacking.length > 0) place(lacking);
    after = end;
  }
}
