/** Mentions: a text names a member by `@` and the user name. */
import type { UserName } from '@chat/protocol';

/** A name after an `@` that stands at the beginning or after what is not part of a word, as in an address of mail. */
const mention = /(?<![\p{L}\p{N}._-])@([a-z0-9][a-z0-9_-]{0,31})/gu;

/**
 * Returns the users whom a text mentions, each once.
 *
 * @param isMember whether a name is that of a member
 */
export function mentionsIn(text: string, isMember: (name: string) => boolean): readonly UserName[] {
  const names = [...text.matchAll(mention)].map(([, name = '']) => name);
  // A sign of punctuation that a name may end with belongs to the sentence, if there is no such member.
  const known = names.map((name) => (isMember(name) ? name : name.replace(/[-_]+$/, '')));
  return [...new Set(known)].filter((name) => isMember(name));
}
