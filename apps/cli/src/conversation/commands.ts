/** The slash commands: one table. */
import { sanitiseLine } from '../screen/sanitise.ts';
import type { Ask, Command, Outcome } from './command.ts';
import type { Conversation } from './conversation.ts';
import { admit, giveRole, invite, knocks, remove, trust, verify } from './people-commands.ts';
import { create, invitations, join, leave, members, message, rooms } from './room-commands.ts';

const commands: Readonly<Record<string, Command>> = {
  help: { usage: '/help', summary: 'show this', run: showHelp },
  rooms,
  create,
  join,
  msg: message,
  invitations,
  leave,
  members,
  invite,
  knocks,
  admit,
  remove,
  role: giveRole,
  verify,
  trust,
  quit: { usage: '/quit', summary: 'leave the program; your rooms stay joined (also Ctrl-D)', run: () => 'end' },
};

const column = 20;

/** The lines of `/help`. A usage that is too long for its column has a line of its own. */
function showHelp(conversation: Conversation): undefined {
  const lines = Object.values(commands).map(({ usage, summary }) =>
    usage.length < column ? `${usage.padEnd(column)}${summary}` : `${usage}\n${' '.repeat(column)}${summary}`,
  );
  const rest = [
    'A conversation with one person is named @USER wherever a room can be named.',
    'Anything else is said in the room that you are in; begin with // to say something that begins with /.',
  ];
  conversation.print([...lines, ...rest].join('\n'));
}

/** Runs a line that begins with a slash. */
export async function runCommand(conversation: Conversation, line: string, ask: Ask): Promise<Outcome> {
  const [, name = '', argument = ''] = /^\/(\S*)\s*(.*)$/su.exec(line.trimEnd()) ?? [];
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    conversation.print(`There is no command /${sanitiseLine(name, 40)}: /help shows those that there are.`);
    return 'go-on';
  }
  return (await command.run(conversation, argument, ask)) ?? 'go-on';
}
