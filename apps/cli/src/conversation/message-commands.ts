/** Slash commands on the messages of before. */
import type { MessageHit } from '@chat/client';
import { sanitiseLine } from '@chat/safe-text';
import { noHits } from '../text/no-hits.ts';
import { type RetentionRule, retentionFrom, retentionText, retentionUsage, roomsWithRules } from '../text/retention.ts';
import { findRoom, titleOf } from '../text/room-title.ts';
import { inCurrentRoom, isYes, type SlashCommand, withContext, wordsOf } from './command.ts';
import type { Conversation } from './conversation.ts';
import type { HitPage } from './search.ts';
import { type Doubt, searchLine } from './search-line.ts';

/** Prints the page before the messages that were printed of the current room. */
export const older: SlashCommand = {
  usage: '/older',
  summary:
    'Print the 50 messages before those that you have seen of this room. Each further /older goes on from there.',
  run: (conversation) =>
    inCurrentRoom(conversation, async (roomName) => {
      const page = await conversation.lookingBack.earlier(roomName);
      if (page.length === 0) return conversation.print('There are no earlier messages on this machine.');
      conversation.print(conversation.palette.quiet(`(earlier in ${conversation.titleOf(roomName)}:)`));
      conversation.showMessages(page);
      conversation.print(conversation.palette.quiet('(end of the earlier messages)'));
    }),
};

function showHit(conversation: Conversation, hit: MessageHit, number: number): void {
  const label = conversation.palette.quiet(`${number}) [${conversation.titleOf(hit.roomName)}]`);
  conversation.print(`${label} ${conversation.textOf(hit)}`);
}

function showHits(conversation: Conversation, { hits, first, hasNext }: HitPage): void {
  for (const [index, hit] of hits.entries()) showHit(conversation, hit, first + index);
  const more = [
    ...(hasNext ? ['/next lists earlier ones'] : []),
    ...(first > 1 ? ['/previous lists later ones'] : []),
    '/around NUMBER prints the messages around one',
  ];
  conversation.print(conversation.palette.quiet(`(${more.join(', ')})`));
}

/** Returns why words at the end of a search are no condition. */
function doubtText({ key, value }: Doubt): string {
  const name = sanitiseLine(value, 60);
  const why = {
    in: `you are in no room named ${name}`,
    from: `${name} is no user name`,
    before: `${name} is no date like 2026-11-30`,
  };
  return `"${key} ${name}" counts as words, because ${why[key]}.`;
}

/** Searches the messages on this machine. */
export const search: SlashCommand = {
  usage: '/search WORDS [in ROOM] [from USER] [before DATE]',
  summary:
    'List the messages on this machine that have all words, the latest first. begin* stands for all words with this beginning, words in "quotation marks" follow each other, DATE is like 2026-11-30.',
  run: async (conversation, argument) => {
    const { client } = conversation;
    const line = searchLine(argument, (title) => findRoom(client.rooms(), title) !== null);
    const { words, room, user, before, doubt } = line;
    if (words === '' && user === undefined) return void conversation.print('Words to look for are missing.');
    const view = room === undefined ? null : findRoom(client.rooms(), room);
    const page = await conversation.lookingBack.search.begin({ words, user, before, roomName: view?.roomName });
    if (page.hits.length > 0) return void showHits(conversation, page);
    const title = view === null ? undefined : titleOf(view);
    conversation.print(noHits({ words, title, user, before }, conversation.now));
    return doubt === undefined ? undefined : void conversation.print(doubtText(doubt));
  },
};

const paging = (step: 1 | -1, none: string): SlashCommand['run'] =>
  async function run(conversation) {
    const { wanted } = conversation.lookingBack.search;
    if (wanted === null) return void conversation.print('There was no search yet: /search WORDS makes one.');
    const about = wanted.roomName === undefined ? {} : { room: conversation.titleOf(wanted.roomName) };
    const page = await withContext(about, conversation.lookingBack.search.go(step));
    if (page === null) conversation.print(none);
    else showHits(conversation, page);
    return undefined;
  };

/** Lists the next hits. */
export const next: SlashCommand = {
  usage: '/next',
  summary: 'List the next hits of the search.',
  run: paging(1, 'There are no more hits.'),
};

/** Lists the previous hits. */
export const previous: SlashCommand = {
  usage: '/previous',
  summary: 'List the hits of the search that came before.',
  run: paging(-1, 'There are no hits before.'),
};

/** The messages on each side of a hit, unless the user says how many, and the most. */
const [defaultAround, maxAround] = [5, 100] as const;

/** Prints the messages around a hit. */
export const around: SlashCommand = {
  usage: '/around NUMBER [COUNT]',
  summary: `Print COUNT messages before and after a hit of the search, ${defaultAround} by default. NUMBER is that of the hit in the list.`,
  run: async (conversation, argument) => {
    const { palette, lookingBack } = conversation;
    const print = (text: string): undefined => void conversation.print(text);
    const [number = 0, count = defaultAround, ...rest] = wordsOf(argument).map(Number);
    if (!lookingBack.search.has(number))
      return print('No search has shown a hit with this number: /search WORDS prints hits, each with its number.');
    if (rest.length > 0 || !Number.isInteger(count) || count < 1 || count > maxAround) {
      return print(`COUNT is a number from 1 to ${maxAround}.`);
    }
    const found = await lookingBack.search.around(number, count);
    if (found === null) return print('This message is not on this machine any more.');
    const { roomName, before, hit, after } = found;
    print(palette.quiet(`(in ${conversation.titleOf(roomName)}:)`));
    conversation.showMessages(before);
    showHit(conversation, hit, number);
    conversation.showMessages(after);
    return print(palette.quiet('(end of the messages around the hit)'));
  },
};

const noRoom = 'You are in no room of this name: /rooms lists the rooms.';
const noRule = `That is no rule: write ${retentionUsage.replaceAll('|', ', ')}, or default for a room without a rule of its own.`;

/** Returns what a rule erases, in words. */
function erasedBy(rule: Exclude<RetentionRule, 'all'>): string {
  if (rule === 'default') return 'what the rule for all rooms does not keep';
  return rule === 'nothing' ? 'everything' : `everything but ${retentionText(rule)}`;
}

/** Shows or sets which messages are kept. */
export const keep: SlashCommand = {
  usage: '/keep [RULE] [in ROOM]',
  summary: `Show or set which messages this machine keeps, of all rooms or of one: ${retentionUsage}. The others are erased here for good. With default, a room has no rule of its own.`,
  run: async (conversation, argument, ask) => {
    const { client } = conversation;
    const print = (text: string): undefined => void conversation.print(text);
    const parts = wordsOf(argument);
    const at = parts.at(-2) === 'in' ? parts.length - 2 : parts.indexOf('in');
    const words = at === -1 ? parts : parts.slice(0, at);
    const view = at !== -1 && at === parts.length - 2 ? findRoom(client.rooms(), parts[at + 1] ?? '') : null;
    if (at !== -1 && view === null) return print(noRoom);
    const roomName = view?.roomName;
    const about = view === null ? 'rooms without a rule of their own' : titleOf(view);
    if (words.length > 0) {
      const rule = retentionFrom(words);
      if (rule === null || (rule === 'default' && view === null)) return print(noRule);
      const kept = rule === 'default' ? await client.messages.retention() : rule;
      if (kept !== 'all' && rule !== 'all') {
        print(`Of ${about}, ${erasedBy(rule)} is erased on this machine, for good.`);
        if (!isYes(await ask('Erase it? (yes/no) ', 'yes'))) return print('Nothing was changed.');
      }
      const set = async () => {
        await client.messages.setRetention(rule === 'default' ? null : rule, roomName);
        await client.messages.settled();
      };
      await withContext(view === null ? {} : { room: titleOf(view) }, set());
    }
    const isOwn = roomName !== undefined && (await client.messages.hasOwnRetention(roomName));
    const whose = roomName === undefined || isOwn ? '' : ', as of all rooms without a rule of their own';
    print(`Of ${about}, this machine keeps ${retentionText(await client.messages.retention(roomName))}${whose}.`);
    if (argument !== '') return undefined;
    for (const room of await roomsWithRules(client)) {
      print(`Of ${titleOf(room)}, it keeps ${retentionText(await client.messages.retention(room.roomName))}.`);
    }
    return undefined;
  },
};
