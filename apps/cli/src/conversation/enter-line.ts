/** Carries out an entered line: a slash command, a choice of the menu, or a message. */
import { codeOf } from '@chat/protocol';
import { sentenceFor } from '../text/error-sentence.ts';
import { type Ask, menu, notInARoom, type Outcome } from './command.ts';
import { runSlashCommand } from './commands.ts';
import type { Conversation } from './conversation.ts';

/** The menu of a user who is in no room. `question` asks for a name; null when the command needs none. */
const choices: Readonly<Record<string, { command: string; question: string | null }>> = {
  '1': { command: '/create', question: 'Name of the new room: ' },
  '2': { command: '/join', question: 'Name of the room to join: ' },
  '3': { command: '/rooms', question: null },
};

async function choose(conversation: Conversation, line: string, ask: Ask): Promise<Outcome> {
  const choice = Object.hasOwn(choices, line.trim()) ? choices[line.trim()] : undefined;
  if (choice === undefined) {
    conversation.print(`${notInARoom}\n${menu}`);
    return 'go-on';
  }
  const name = choice.question === null ? '' : await ask(choice.question);
  return runSlashCommand(conversation, `${choice.command} ${name}`, ask);
}

/** Returns true for a line that is a message, not a command. */
export const isMessage = (line: string): boolean =>
  line.trim() !== '' && (!line.startsWith('/') || line.startsWith('//'));

async function act(conversation: Conversation, line: string, ask: Ask): Promise<Outcome> {
  if (!isMessage(line)) return runSlashCommand(conversation, line, ask);
  if (conversation.roomName === null) return choose(conversation, line, ask);
  conversation.outgoing.send(conversation.roomName, line.startsWith('//') ? line.slice(1) : line);
  return 'go-on';
}

/** Carries out a line and prints the sentence of an error. Ends the program when the user leaves at a question. */
export async function enterLine(conversation: Conversation, line: string, ask: Ask): Promise<Outcome> {
  conversation.roomReading.marks.active();
  if (line.trim() === '') return 'go-on';
  try {
    return await act(conversation, line, ask);
  } catch (error) {
    if (codeOf(error) === 'cancelled') return 'end';
    conversation.print(sentenceFor(error, conversation.title === null ? {} : { room: conversation.title }));
    return 'go-on';
  }
}
