/** The argument of `/search`: words, and after them which room, author and time. */
import { type UserName, userName } from '@chat/protocol';
import { timeFrom } from '../text/date.ts';
import { userSign } from '../text/room-title.ts';

/** What a search looks for. */
export interface SearchLine {
  /** With their quotation marks. */
  readonly words: string;
  /** The name or title of the room. */
  readonly room?: string;
  readonly user?: UserName;
  /** In ms since 1970. */
  readonly before?: number;
  /** What looks like a condition at the end and is none, so that it counts as words. */
  readonly doubt?: Doubt;
}

/** Two words that are no condition, because the second names no room, no user or no date. */
export interface Doubt {
  readonly key: 'in' | 'from' | 'before';
  readonly value: string;
}

type Condition = Pick<SearchLine, 'room' | 'user' | 'before'>;

/** Returns what a key with its value says; null if both are words. */
function condition(key: string, value: string, isRoom: (title: string) => boolean): Condition | null {
  if (key === 'in') return isRoom(value) ? { room: value } : null;
  if (key === 'from') {
    const user = userName.safeParse(value.startsWith(userSign) ? value.slice(userSign.length) : value);
    return user.success ? { user: user.data } : null;
  }
  const before = key === 'before' ? timeFrom(value) : null;
  return before === null ? null : { before };
}

const isKey = (key: string): key is Doubt['key'] => key === 'in' || key === 'from' || key === 'before';

/** Returns the condition at the end of the words, and how many of them it has; null if there is none. */
function lastCondition(parts: readonly string[], isRoom: (title: string) => boolean) {
  // A time of a day is two words: before 2026-11-30 14:03.
  for (const count of [2, 3]) {
    const [key = '', ...values] = parts.slice(-count);
    if (parts.length < count || (count === 3 && key !== 'before')) continue;
    const found = condition(key, values.join(' '), isRoom);
    if (found !== null) return { found, count };
  }
  return null;
}

/**
 * Reads the argument of `/search`. `in`, `from` and `before` count at the end, each once, and `in` only before a room of the user.
 * What is in quotation marks is words whatever it is.
 *
 * @param isRoom returns whether the user has joined a room of this name or title
 */
export function searchLine(argument: string, isRoom: (title: string) => boolean): SearchLine {
  const parts = argument.match(/"[^"]*"?|[^\s"]+/gu) ?? [];
  let conditions: Condition = {};
  let words: readonly string[] = parts;
  let last = lastCondition(words, isRoom);
  while (last !== null && !Object.keys(last.found).some((key) => key in conditions)) {
    conditions = { ...conditions, ...last.found };
    words = words.slice(0, -last.count);
    last = lastCondition(words, isRoom);
  }
  const [key = '', value] = words.slice(-2);
  const isDoubtful = last === null && isKey(key) && value !== undefined;
  return { words: words.join(' '), ...conditions, ...(isDoubtful ? { doubt: { key, value } } : {}) };
}
