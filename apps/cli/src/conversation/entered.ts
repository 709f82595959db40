/** What a typed line means: a command, a choice of the menu, or something to say. */
import { codeOf } from '../command-error.ts';
import { sentenceFor } from '../sentences.ts';
import { type Ask, menu, notInARoom, type Outcome } from './command.ts';
import { runCommand } from './commands.ts';
import type { Conversation } from './conversation.ts';

/** The menu of a person who is in no room; null where a name must be asked for first. */
const choices: Readonly<Record<string, { command: string; question: string | null }>> = {
  '1': { command: '/create', question: 'Name of the new room: ' },
  '2': { command: '/join', question: 'Name of the room to join: ' },
  '3': { command: '/rooms', question: null },
};

async function choose(conversation: Conversation, line: string, ask: Ask) {
  const choice = Object.hasOwn(choices, line.trim()) ? choices[line.trim()] : undefined;
  if (choice === undefined) {
    conversation.print(`${notInARoom}\n${menu}`);
    return 'go-on';
  }
  const name = choice.question === null ? '' : await ask(choice.question);
  return runCommand(conversation, `${choice.command} ${name}`, ask);
}

/** Whether a line is something to say, not a command. */
export const isSaid = (line: string): boolean => line.trim() !== '' && (!line.startsWith('/') || line.startsWith('//'));

async function act(conversation: Conversation, line: string, ask: Ask): Promise<Outcome> {
  if (!isSaid(line)) return runCommand(conversation, line, ask);
  if (conversation.room === null) return choose(conversation, line, ask);
  conversation.outgoing.send(conversation.room, line.startsWith('//') ? line.slice(1) : line);
  return 'go-on';
}

/** Does what a line says. What fails is told; leaving at a question ends the program. */
export async function enterLine(conversation: Conversation, line: string, ask: Ask): Promise<Outcome> {
  if (line.trim() === '') return 'go-on';
  try {
    return await act(conversation, line, ask);
  } catch (error) {
    if (codeOf(error) === 'cancelled') return 'end';
    conversation.print(sentenceFor(error, conversation.title === null ? {} : { room: conversation.title }));
    return 'go-on';
  }
}
