/** Slash commands that say something about a message, or in another way than as a text. */
import type { RoomName } from '@chat/protocol';
import { sanitiseLine } from '@chat/safe-text';
import { emojiNames, emojiOf } from '../text/emoji.ts';
import { inCurrentRoom, type SlashCommand } from './command.ts';
import type { Conversation } from './conversation.ts';
import type { Say } from './outgoing.ts';

const noNumber = 'The number of a message is missing: each message is printed with its number, such as #12.';
const noText = 'The text is missing.';

interface Numbered {
  /** Null if the argument begins with none. */
  readonly seq: number | null;
  readonly rest: string;
}

/** Divides an argument into the number of a message and the rest. `needsSign`: only `#12` is a number, and `12` is text. */
function numbered(argument: string, needsSign = false): Numbered {
  const found = /^(#?)(\d{1,15})(?:\s+|$)/.exec(argument);
  if (found === null || (needsSign && found[1] === '')) return { seq: null, rest: argument };
  return { seq: Number(found[2]), rest: argument.slice(found[0].length) };
}

/** Sends in the current room, without waiting for the server. */
const sayHere = (conversation: Conversation, text: string, say: (roomName: RoomName) => Say): Promise<undefined> =>
  inCurrentRoom(conversation, async (roomName) => conversation.outgoing.send(roomName, text, say(roomName)));

/** Messages among which the latest one of the user is looked for. */
const latestLooked = 200;

/** Calls `act` with the given message, or with the latest one of the user; prints that there is none. */
async function withOwn(
  conversation: Conversation,
  seq: number | null,
  act: (roomName: RoomName, seq: number) => void,
): Promise<undefined> {
  return inCurrentRoom(conversation, async (roomName) => {
    const { client } = conversation;
    const page = seq === null ? await client.messages.page(roomName, { limit: latestLooked }) : [];
    const own = page.findLast(
      (each) => each.user === client.user && each.deletedBy === undefined && each.newer === undefined,
    );
    const found = seq ?? own?.seq;
    if (found !== undefined) act(roomName, found);
    else
      conversation.print('Your latest message here is not on this machine: name a message by its number, such as #12.');
  });
}

/** Answers a message. */
export const reply: SlashCommand = {
  usage: '/reply NUMBER TEXT',
  summary: 'Answer a message: it is quoted above your text.',
  run: (conversation, argument) => {
    const { seq, rest } = numbered(argument);
    if (seq === null) return void conversation.print(noNumber);
    if (rest === '') return void conversation.print(noText);
    return sayHere(conversation, rest, (roomName) => (client) => client.send(roomName, rest, { replyTo: seq }));
  },
};

/** Edits a message of the user. */
export const edit: SlashCommand = {
  usage: '/edit [#NUMBER] TEXT',
  summary: 'Replace the text of a message of yours, of the latest one without a number. Write the number with #.',
  run: (conversation, argument) => {
    const { seq, rest } = numbered(argument, true);
    if (rest === '') return void conversation.print(noText);
    return withOwn(conversation, seq, (roomName, own) =>
      conversation.outgoing.send(roomName, rest, (client) => client.messages.edit(roomName, own, rest)),
    );
  },
};

/** Deletes a message of the user. */
export const remove: SlashCommand = {
  usage: '/delete [NUMBER]',
  summary:
    'Delete a message of yours, the latest one without a number. Clients of the members erase its text; a member may have kept it.',
  run: (conversation, argument) => {
    const { seq, rest } = numbered(argument);
    if (rest !== '') return void conversation.print(noNumber);
    return withOwn(conversation, seq, (roomName, own) =>
      conversation.outgoing.send(roomName, '', (client) => client.messages.delete(roomName, own)),
    );
  },
};

/** Reacts to a message. */
export const react: SlashCommand = {
  usage: '/react NUMBER [EMOJI]',
  summary:
    'React to a message with an emoji, a name such as :+1:, or a short word. Without it, withdraw your reaction.',
  run: (conversation, argument) => {
    const { seq, rest } = numbered(argument);
    if (seq === null) return void conversation.print(noNumber);
    const reaction = emojiOf(rest.trim());
    if (reaction === null) {
      const names = emojiNames.map((name) => `:${name}:`).join(' ');
      return void conversation.print(`There is no emoji ${sanitiseLine(rest, 40)}. Those with a name are ${names}`);
    }
    const said = reaction === '' ? null : reaction;
    return sayHere(conversation, '', (roomName) => (client) => client.messages.react(roomName, seq, said));
  },
};

/** Says what the user does. */
export const me: SlashCommand = {
  usage: '/me TEXT',
  summary: 'Say what you do, in the third person: /me waves.',
  run: (conversation, argument) => {
    if (argument === '') return void conversation.print(noText);
    return sayHere(conversation, argument, (roomName) => (client) => client.send(roomName, argument, { action: true }));
  },
};

/** Hides a message for all. */
export const hide: SlashCommand = {
  usage: '/hide NUMBER',
  summary: 'Hide a message of any member for all, as the owner or a moderator of this room.',
  run: (conversation, argument) => {
    const { seq, rest } = numbered(argument);
    if (seq === null || rest !== '') return void conversation.print(noNumber);
    return sayHere(conversation, '', (roomName) => (client) => client.messages.hide(roomName, seq));
  },
};
