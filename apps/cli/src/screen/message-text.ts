/** The lines of a message: what it answers, who has written it, its text, and the reactions to it. */
import { type MessageView, type QuotedMessage, withMentions } from '@chat/client';
import { sanitise, sanitiseLine } from '@chat/safe-text';
import { byteSize } from '../text/byte-size.ts';
import { continuationMark } from '../text/layout.ts';
import { safeName } from '../text/user-name.ts';
import { continuation, type Scene } from './scene.ts';
import { safeFile } from './transfer-text.ts';

/** Characters of a message that are quoted. */
const quotedCharacters = 60;
/** Characters of a reaction that are shown. */
const reactionCharacters = 16;
/** Different reactions that are shown, and the names of those who have reacted alike. */
const [maxReactionsShown, maxNamesShown] = [8, 4];

/** What decides how a message is shown. */
export type MessageScene = Pick<Scene, 'palette' | 'time' | 'me' | 'isBlocked'>;

/** Returns the number of a message as commands take it. It is its position on the log, the same for all members. */
export const numberOf = ({ seq }: Pick<MessageView, 'seq'>): string => `#${seq}`;

/** Returns the beginning of a text on one line, safe to print. */
export const excerpt = (text: string): string => sanitiseLine(text, quotedCharacters);

/** Returns a reaction without what divides reactions on the screen, safe to print. */
export function safeReaction(text: string): string {
  const shown = sanitiseLine(text, reactionCharacters).replace(/[\s[\]]+/gu, '');
  return shown === '' ? '?' : shown;
}

/** A line of its own indentation, which no text of a message has. */
function quoteLine({ palette, isBlocked }: MessageScene, quoted: QuotedMessage): string {
  const hidden = quoted.deleted === true ? '(deleted)' : isBlocked?.(quoted.user) === true ? '(blocked)' : null;
  const said = [quoted.fileName ?? '', quoted.text].filter((part) => part !== '').join(': ');
  const text = hidden ?? excerpt(said);
  return `${continuation}${palette.quiet(`> ${numberOf(quoted)} ${safeName(quoted.user)}: ${text}`)}`;
}

function reactionLine({ palette }: MessageScene, reactions: NonNullable<MessageView['reactions']>): string {
  const users = new Map<string, string[]>();
  for (const { user, text } of reactions) {
    const shown = safeReaction(text);
    users.set(shown, [...(users.get(shown) ?? []), safeName(user)]);
  }
  const groups = [...users].map(([text, names]) => {
    const more = names.length > maxNamesShown ? ` +${names.length - maxNamesShown}` : '';
    return `[${text} ${names.slice(0, maxNamesShown).join(' ')}${more}]`;
  });
  const more = groups.length > maxReactionsShown ? ` +${groups.length - maxReactionsShown}` : '';
  return `${continuation}${palette.quiet(`${groups.slice(0, maxReactionsShown).join(' ')}${more}`)}`;
}

/** A message, and how it was read. */
export interface ReadMessage extends MessageView {
  /** True if its key came after what follows it. */
  readonly late?: true | undefined;
}

/** Returns what a message says of its file, and how to save it. */
function fileText({ file, seq }: MessageView, { palette }: MessageScene): string | null {
  if (file === undefined) return null;
  return `sent ${safeFile(file.name)} (${byteSize(file.size)}): ${palette.quiet(`/save ${seq}`)}`;
}

function bodyLines(scene: MessageScene, message: ReadMessage): readonly string[] {
  const { user, text, action, editedAt, late } = message;
  const who = scene.palette.author(safeName(user));
  const marks = [...(late === true ? ['(late)'] : []), ...(editedAt === undefined ? [] : ['(edited)'])];
  const marked = marks.map((mark) => ` ${scene.palette.quiet(mark)}`).join('');
  const lines = sanitise(text)
    .split('\n')
    .map((line) => withMentions(line, (name) => name === scene.me, scene.palette.strong));
  const sent = fileText(message, scene);
  if (sent !== null) {
    const said = text === '' ? [] : lines;
    return [`${who}${marked} ${sent}`, ...said.map((line) => continuationMark + line)];
  }
  const [first = '', ...rest] = lines;
  const head = action === true ? `~ ${who}${marked} ${first}` : `${who}${marked}: ${first}`;
  return [head, ...rest.map((line) => continuationMark + line)];
}

/** Returns the line of a message of which there is no text to show; null for any other. */
function withoutText({ palette, isBlocked }: MessageScene, { user, deletedBy, newer }: MessageView): string | null {
  const who = safeName(user);
  if (isBlocked?.(user) === true) return palette.quiet(`a message of ${who}, whom you have blocked`);
  if (deletedBy !== undefined) {
    const how = deletedBy === user ? '(deleted)' : `(hidden by ${safeName(deletedBy)})`;
    return `${palette.author(who)} ${palette.quiet(how)}`;
  }
  return newer === undefined ? null : palette.quiet(`a newer client is needed to read a message of ${who}`);
}

/**
 * Returns `#12 14:03 alice: text`, with what it answers above and the reactions below. The further lines of the text begin with a mark, so that
 * they cannot imitate another line.
 */
export function messageText(scene: MessageScene, message: ReadMessage): string {
  const { replyTo } = message;
  const reactions = (message.reactions ?? []).filter(({ user }) => scene.isBlocked?.(user) !== true);
  const empty = withoutText(scene, message);
  const [first = '', ...rest] = empty === null ? bodyLines(scene, message) : [empty];
  const head = `${scene.palette.quiet(`${numberOf(message)} ${scene.time(message.at)}`)} ${first}`;
  return [
    ...(replyTo === undefined || empty !== null ? [] : [quoteLine(scene, replyTo)]),
    head,
    ...rest,
    ...(reactions.length === 0 ? [] : [reactionLine(scene, reactions)]),
  ].join('\n');
}
