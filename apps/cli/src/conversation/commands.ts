/** The table of slash commands. */
import { columnsText, paragraphText } from '@chat/command-line';
import { sanitiseLine } from '@chat/safe-text';
import { recoveryText } from '../text/recovery.ts';
import { block, mute, notify, quiet, unread } from './attention-commands.ts';
import type { Ask, Outcome, SlashCommand } from './command.ts';
import type { Conversation } from './conversation.ts';
import { cancel, save, sendFile, transfers } from './files/file-commands.ts';
import { admit, dismiss, giveRole, invite, knocks, remove, trust, verify } from './member-commands.ts';
import { around, keep, next, older, previous, search } from './message-commands.ts';
import { create, decline, invitations, join, leave, members, message, rooms } from './room-commands.ts';
import { edit, hide, me, react, remove as removeText, reply } from './saying-commands.ts';

/** The commands by their names. */
export const slashCommands: Readonly<Record<string, SlashCommand>> = {
  help: { usage: '/help', summary: 'Show this help.', run: showHelp },
  rooms,
  unread,
  create,
  join,
  msg: message,
  invitations,
  decline,
  leave,
  reply,
  edit,
  delete: removeText,
  react,
  me,
  hide,
  'send-file': sendFile,
  save,
  transfers,
  cancel,
  older,
  search,
  next,
  previous,
  around,
  keep,
  members,
  invite,
  knocks,
  admit,
  dismiss,
  remove,
  role: giveRole,
  verify,
  trust,
  notify,
  quiet,
  mute,
  block,
  recovery: {
    usage: '/recovery',
    summary: 'Show when your recovery phrase and the latest backup for it were made.',
    run: showRecovery,
  },
  quit: {
    usage: '/quit',
    summary: 'Quit the program, as Ctrl-D does. You stay a member of your rooms.',
    run: () => 'end',
  },
};

const summaryColumn = 22;

function showHelp(conversation: Conversation): undefined {
  const rows = Object.values(slashCommands).map(({ usage, summary }) => ({ left: usage, right: summary }));
  const notes = [
    'A direct room is named @USER wherever a room can be named.',
    'Any other line is sent to the room that the prompt names.',
    'Begin with // to send a text that begins with /.',
    'NUMBER is that of a message, which is printed before its time: #12, or 12.',
    'The Tab key completes commands, rooms, users, emoji, and the name of a member after @.',
  ];
  const { columns } = conversation;
  const lines = notes.map((note) => paragraphText(note, columns));
  conversation.print([columnsText(rows, summaryColumn, columns), ...lines].join('\n'));
}

async function showRecovery(conversation: Conversation): Promise<undefined> {
  conversation.print(recoveryText(await conversation.client.recovery.state(), conversation.now));
  return undefined;
}

/** Runs a line that begins with a slash. */
export async function runSlashCommand(conversation: Conversation, line: string, ask: Ask): Promise<Outcome> {
  const [, name = '', argument = ''] = /^\/(\S*)\s*(.*)$/su.exec(line.trimEnd()) ?? [];
  const command = Object.hasOwn(slashCommands, name) ? slashCommands[name] : undefined;
  if (command === undefined) {
    conversation.print(`There is no command /${sanitiseLine(name, 40)}: /help lists the commands.`);
    return 'go-on';
  }
  return (await command.run(conversation, argument, ask)) ?? 'go-on';
}
