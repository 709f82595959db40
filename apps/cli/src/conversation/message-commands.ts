/** Slash commands on the messages of before. */
import { inCurrentRoom, type SlashCommand } from './command.ts';

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
