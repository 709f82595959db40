/** Mentions: a text names a member by `@` and the user name. */
import type { UserName } from '@chat/protocol';

/** An `@` and a name. An `@` inside a word mentions no user, as in an address of mail. */
const mention = /(?<![\p{L}\p{N}._-])@([a-z0-9][a-z0-9_-]{0,31})/gu;

/**
 * Returns the name that stands there, if it is that of a member: without the signs of punctuation at its end, if no member has a name with
 * them. Null for a name of no member.
 */
function memberNamed(name: string, isMember: (name: string) => boolean): UserName | null {
  return [name, name.replace(/[-_]+$/, '')].find(isMember) ?? null;
}

/**
 * Returns the users whom a text mentions, each once.
 *
 * @param isMember whether a name is that of a member
 */
export function mentionsIn(text: string, isMember: (name: string) => boolean): readonly UserName[] {
  const found = [...text.matchAll(mention)].flatMap(([, name = '']) => memberNamed(name, isMember) ?? []);
  return [...new Set(found)];
}

/**
 * Returns a text with something else in place of each mention that `mentionsIn` finds.
 *
 * @param isMember whether a name is that of a member
 * @param mark returns what takes the place of a mention, such as `@alice`
 */
export const withMentions = (
  text: string,
  isMember: (name: string) => boolean,
  mark: (mention: string) => string,
): string =>
  text.replace(mention, (whole, name: string) => {
    const user = memberNamed(name, isMember);
    return user === null ? whole : `${mark(`@${user}`)}${name.slice(user.length)}`;
  });
