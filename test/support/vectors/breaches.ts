/** The examples of what breaks a rule: each is put after a part of a room's log, and read by the room's first member. */
import { entryHash } from '@chat/protocol';
import type { Admission } from './admission.ts';
import { admissionBreaches } from './admission-breaches.ts';
import type { Breach } from './breach.ts';
import type { Conversation } from './conversation.ts';
import { conversationBreaches } from './conversation-breaches.ts';
import { type Pair, pairBreaches } from './pair.ts';

/** As it is written down. */
const written = ({ item, ...breach }: Breach) => ({
  ...breach,
  item: 'entry' in item ? { ...item, entryHash: entryHash(item.entry) } : item,
});

export interface Rooms {
  readonly conversation: Conversation;
  readonly admission: Admission;
  readonly pair: Pair;
}

export const makeBreaches = ({ conversation, admission, pair }: Rooms) => ({
  conversation: conversationBreaches(conversation).map(written),
  admission: admissionBreaches(admission).map(written),
  pair: pairBreaches(pair).map(written),
});
