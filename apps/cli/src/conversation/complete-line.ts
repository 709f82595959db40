/** What the Tab key completes: commands, rooms, users, roles, emoji, paths, and mentions in a text. */
import { role } from '@chat/protocol';
import { pathsFrom } from '../config/file-paths.ts';
import type { Completion } from '../terminal/console.ts';
import { emojiNames } from '../text/emoji.ts';
import { titleOf, userSign } from '../text/room-title.ts';
import { slashCommands } from './commands.ts';
import type { Conversation } from './conversation.ts';

type Completing = Pick<Conversation, 'client' | 'roomName'>;

/** Commands whose NAME is that of a room that the user has joined. */
const namesOwnRoom: ReadonlySet<string> = new Set(['join', 'leave']);

/** Returns what stands at a place of a usage, as `USER`, when these words stand before: after `from` what follows it there. */
function wantedAfter(usage: string, before: readonly string[]): string | null {
  for (const [, keyword, wanted = null] of usage.matchAll(/\[([a-z]+) ([A-Z]+)\]/g)) {
    if (before.length > 1 && keyword === before.at(-1)) return wanted;
  }
  const places = usage.replace(/ \[[a-z]+ [A-Z]+\]/g, '').replace(/[[\]]/g, '');
  return places.split(' ')[before.length] ?? null;
}

function wordsFor(wanted: string | null, { client }: Completing, command: string): readonly string[] {
  const users = () => client.rooms().flatMap(({ members }) => members.flatMap(({ me, user }) => (me ? [] : [user])));
  if (wanted === 'USER') return users();
  if (wanted === 'ROLE') return role.options;
  if (wanted === 'EMOJI') return emojiNames.map((name) => `:${name}:`);
  if (wanted === 'ROOM' || (wanted === 'NAME' && namesOwnRoom.has(command))) return client.rooms().map(titleOf);
  return wanted !== null && /^[a-z|]+$/.test(wanted) ? wanted.split('|') : [];
}

const mentionable = ({ client, roomName }: Completing): readonly string[] =>
  ((roomName === null ? null : client.room(roomName))?.members ?? []).map(({ user }) => `${userSign}${user}`);

function wordsOfLine(conversation: Completing, line: string, part: string): readonly string[] {
  const [first = '', ...rest] = line.slice(0, line.length - part.length).match(/[^\s\u2424]+/gu) ?? [];
  const isCommand = /^\/(?!\/)/.test(line);
  if (isCommand && part === line) return Object.keys(slashCommands).map((name) => `/${name}`);
  const name = first.slice(1);
  const command = isCommand && Object.hasOwn(slashCommands, name) ? slashCommands[name] : undefined;
  const wanted = command === undefined ? null : wantedAfter(command.usage, [first, ...rest]);
  const words = wanted === 'PATH' ? pathsFrom(part) : wordsFor(wanted, conversation, name);
  return words.length === 0 && part.startsWith(userSign) ? mentionable(conversation) : words;
}

/** Returns what a line may go on with; null in a text, where the Tab key is a character unless a mention has been begun. */
export function completionOf(conversation: Completing, line: string): Completion | null {
  const [part = ''] = /[^\s\u2424]*$/u.exec(line) ?? [];
  const words = wordsOfLine(conversation, line, part);
  if (words.length === 0 && !line.startsWith('/')) return null;
  const fitting = [...new Set(words)].filter((word) => word.startsWith(part)).sort();
  return { part, candidates: fitting.map((word) => (word.endsWith('/') ? word : `${word} `)) };
}
