/** Numbers of unread messages in texts. */
import type { UnreadView } from '@chat/client';

/** Returns the number of unread messages of a room, with a `+` if there are more than are counted. */
export const unreadCount = ({ count, more }: Pick<UnreadView, 'count' | 'more'>): string =>
  `${count}${more === true ? '+' : ''}`;
