/** What is unread, what notifies a user, and when nothing does, in words. */
import type { NotifyLevel, QuietHours, UnreadView } from '@chat/client';

/** Returns the number of unread messages of a room, with a `+` if there are more than are counted. */
export const unreadCount = ({ count, more }: Pick<UnreadView, 'count' | 'more'>): string =>
  `${count}${more === true ? '+' : ''}`;

/** Returns what of a room notifies, as the end of a sentence. */
export function notifyText(level: NotifyLevel | null): string {
  if (level === null)
    return 'mentions notify you, and all messages of a direct room; everything is printed elsewhere (default)';
  if (level === 'none') return 'nothing notifies you, and nothing is printed elsewhere';
  return level === 'all'
    ? 'all messages notify you'
    : 'only messages that mention you notify you and are printed elsewhere';
}

const clock = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((n) => String(n).padStart(2, '0')).join(':');

/** Returns quiet hours as the end of a sentence. */
export const quietHoursText = (hours: QuietHours | null): string =>
  hours === null ? 'no quiet hours' : `quiet hours from ${clock(hours.from)} to ${clock(hours.to)}`;

const range = /^([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)$/;

/** Reads quiet hours such as `22:00-07:00`. */
export function quietHoursFrom(text: string): QuietHours | 'wrong' {
  const [fromHour, fromMinute, toHour, toMinute] = (range.exec(text.trim()) ?? []).slice(1).map(Number);
  if (fromHour === undefined || fromMinute === undefined || toHour === undefined || toMinute === undefined)
    return 'wrong';
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  return from === to ? 'wrong' : { from, to };
}
