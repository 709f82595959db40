/** Slash commands on what is unread, what notifies, and which users are not to disturb. */
import {
  type NotifyLevel,
  type NotifyWay,
  notifyLevels,
  notifyWays,
  type QuietHours,
  type RoomView,
} from '@chat/client';
import { userName } from '@chat/protocol';
import { unreadRooms } from '../attention/concern.ts';
import { requireOtherUser } from '../other-user.ts';
import { notifyText, quietHoursFrom, quietHoursText } from '../text/attention-text.ts';
import { findRoom } from '../text/room-title.ts';
import { listed } from '../text/user-name.ts';
import { notInARoom, type SlashCommand, withName, wordsOf } from './command.ts';
import type { Conversation } from './conversation.ts';

/** Enters the next room with unread messages. */
export const unread: SlashCommand = {
  usage: '/unread',
  summary: 'Enter the next room with unread messages: mentions and direct rooms first. Alt-A does the same.',
  run: async (conversation) => {
    const [next] = unreadRooms(conversation.client.rooms(), conversation.roomName);
    if (next === undefined) conversation.print('There are no unread messages in other rooms.');
    else await conversation.enter(next);
    return undefined;
  },
};

const levelWords = [...notifyLevels, 'default'] as const;
const isLevelWord = (word: string): word is NotifyLevel | 'default' => (levelWords as readonly string[]).includes(word);
const isWay = (word: string): word is NotifyWay => (notifyWays as readonly string[]).includes(word);

/** Prints what of a room notifies, and how. */
function showNotify(conversation: Conversation, { roomName }: RoomView): undefined {
  const { attention } = conversation.client;
  const { notifyBy, quietHours } = attention.settings;
  const level = conversation.client.room(roomName)?.notify ?? null;
  const ways = notifyBy.length === 0 ? 'in no way: "/notify bell on" turns one on' : `by ${notifyBy.join(', ')}`;
  conversation.print(`Of ${conversation.titleOf(roomName)}, ${notifyText(level)}.`);
  conversation.print(`You are notified ${ways}; ${quietHoursText(quietHours)}.`);
}

/** Turns a way of notifications on or off. */
async function turn(conversation: Conversation, way: NotifyWay, isOn: boolean): Promise<undefined> {
  const { attention } = conversation.client;
  const others = attention.settings.notifyBy.filter((each) => each !== way);
  await attention.change({ notifyBy: isOn ? [...others, way] : others });
  const what = way === 'text' ? 'Notifications have the beginning of the message' : `Notifications by ${way} are on`;
  const not = way === 'text' ? 'Notifications have author and room only' : `Notifications by ${way} are off`;
  return void conversation.print(`${isOn ? what : not}.`);
}

/** Shows or sets what of a room notifies, and how. */
export const notify: SlashCommand = {
  usage: `/notify [ROOM] [${levelWords.join('|')}]`,
  summary: `Show or set what of this room, or of ROOM, notifies you, and is printed while you are in another room. By default mentions and direct rooms notify, and everything is printed. "/notify WAY on" or "off" turns a way: ${notifyWays.join(', ')} (text shows what was said).`,
  run: async (conversation, argument) => {
    const { client } = conversation;
    const print = (text: string): undefined => void conversation.print(text);
    const [first = '', second = '', ...rest] = wordsOf(argument);
    if (rest.length > 0) return print(`Write ${notify.usage}.`);
    if (isWay(first) && (second === 'on' || second === 'off')) return turn(conversation, first, second === 'on');
    const isHere = first === '' || (second === '' && isLevelWord(first));
    if (isHere && conversation.roomName === null) return print(notInARoom);
    const view = isHere ? client.room(conversation.roomName ?? '') : findRoom(client.rooms(), first);
    if (view === null) return print('You are in no room of this name: /rooms lists the rooms.');
    const level = isHere ? first : second;
    if (level !== '' && !isLevelWord(level)) return print(`Write ${levelWords.join(', ')}.`);
    if (level !== '') await client.attention.setNotify(view.roomName, level === 'default' ? null : level);
    return showNotify(conversation, view);
  },
};

/** Shows or sets when nothing notifies. */
export const quiet: SlashCommand = {
  usage: '/quiet [FROM-TO|off]',
  summary: 'Show or set your quiet hours, such as 22:00-07:00, in which nothing notifies you.',
  run: async (conversation, argument) => {
    const { attention } = conversation.client;
    const print = (text: string): undefined => void conversation.print(text);
    const hours: QuietHours | null | 'wrong' = argument === 'off' ? null : quietHoursFrom(argument);
    if (argument !== '' && hours === 'wrong') {
      return print('Write the quiet hours as 22:00-07:00, or off for none.');
    }
    if (argument !== '' && hours !== 'wrong') await attention.change({ quietHours: hours });
    return print(`You have ${quietHoursText(attention.settings.quietHours)}.`);
  },
};

/** What `/mute` and `/block` change, and what they say. */
interface Ignoring {
  readonly list: 'muted' | 'blocked';
  readonly done: string;
  readonly meaning: string;
}

const ignoring = (usage: string, summary: string, { list, done, meaning }: Ignoring): SlashCommand => ({
  usage: `${usage} [USER] [off]`,
  summary,
  run: (conversation, argument) => {
    const { client } = conversation;
    const [name = '', off = '', ...rest] = wordsOf(argument);
    const users = client.attention.settings[list];
    const print = (text: string): undefined => void conversation.print(text);
    if (name === '') {
      return print(users.length === 0 ? `You have ${done} no user.` : `You have ${done} ${listed(users)}.`);
    }
    if (rest.length > 0 || (off !== '' && off !== 'off')) return print(`Write ${usage} [USER] [off].`);
    return withName(conversation, { schema: userName, argument: name }, async (user) => {
      requireOtherUser(client, user);
      const others = users.filter((each) => each !== user);
      await client.attention.change({ [list]: off === 'off' ? others : [...others, user] });
      conversation.print(
        off === 'off'
          ? `${user} is not ${done} any more.`
          : `You have ${done} ${user}: ${meaning}. ${user} does not learn it. "${usage} ${user} off" ends it.`,
      );
    });
  },
});

/** Mutes a user. */
export const mute = ignoring(
  '/mute',
  'Mute a user: their messages do not notify you, and do not count as unread. Without USER, list the users whom you have muted.',
  { list: 'muted', done: 'muted', meaning: 'their messages do not notify you, and do not count as unread' },
);

/** Blocks a user. */
export const block = ignoring(
  '/block',
  'Block a user: of their messages only a line without text is shown, and their invitations and requests are not. Without USER, list the users whom you have blocked.',
  {
    list: 'blocked',
    done: 'blocked',
    meaning: 'of their messages only a line without text is shown, and their invitations and requests are not',
  },
);
