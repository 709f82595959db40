/** The examples of breaches. Each follows a part of a room's log, and the room's first member reads it. */
import { entryHash, toHex } from '@chat/protocol';
import type { Admission } from './admission.ts';
import { admissionBreaches } from './admission-breaches.ts';
import type { Breach } from './breach.ts';
import type { Conversation } from './conversation.ts';
import { conversationBreaches } from './conversation-breaches.ts';
import { type Earlier, earlierBreaches } from './earlier.ts';
import { type Pair, pairBreaches } from './pair.ts';
import { written } from './room-example.ts';

/** Returns a breach as the file holds it. */
const stored = ({ item, ...breach }: Breach) => ({
  ...breach,
  item:
    'entry' in item
      ? { ...item, entry: written(item.entry), entryHash: entryHash(item.entry) }
      : { ...item, hashes: toHex(item.hashes) },
});

/** The recorded rooms. */
export interface Rooms {
  readonly conversation: Conversation;
  readonly admission: Admission;
  readonly pair: Pair;
  readonly earlier: Earlier;
}

/** Returns the content of `breaches.json`. */
export const makeBreaches = ({ conversation, admission, pair, earlier }: Rooms) => ({
  conversation: conversationBreaches(conversation).map(stored),
  admission: admissionBreaches(admission).map(stored),
  pair: pairBreaches(pair).map(stored),
  earlier: earlierBreaches(earlier).map(stored),
});
