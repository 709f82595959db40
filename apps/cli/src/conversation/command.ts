/** What a slash command is, and what several of them need: valid names and the current room. */
import { type RoomName, type UserName, userName } from '@chat/protocol';
import { sanitiseLine } from '@chat/safe-text';
import type { z } from 'zod';
import { asCommandError, type ErrorContext } from '../text/error-sentence.ts';
import type { Conversation } from './conversation.ts';

/** `end` ends the program. */
export type Outcome = 'go-on' | 'end';

/**
 * Asks the user a question and returns the answer.
 *
 * @param unseen the answer in a pipe, where the question is not shown. Default: the next line
 */
export type Ask = (question: string, unseen?: string) => Promise<string>;

/** Returns true for an answer that means yes. */
export const isYes = (answer: string): boolean => /^y(es)?$/i.test(answer);

/** A slash command with its help. */
export interface SlashCommand {
  readonly usage: string;
  readonly summary: string;
  /**
   * Carries the command out.
   *
   * @param argument the rest of the line
   */
  run(conversation: Conversation, argument: string, ask: Ask): Promise<Outcome | undefined> | Outcome | undefined;
}

/** The choices of a user who is in no room. */
export const menu = '1) create a room  2) join a room by name  3) list the rooms';

/** The answer to a command that needs a current room. */
export const notInARoom =
  'You are in no room: /create NAME creates one, /join NAME joins one, /msg USER opens a direct room, /rooms lists the rooms, /help lists all commands.';

/** Returns the words of an argument. */
export const wordsOf = (argument: string): string[] => argument.split(/\s+/).filter((word) => word !== '');

interface NameArgument<N extends string> {
  readonly schema: z.ZodType<N, string>;
  readonly argument: string;
}

/** Calls `act` with the argument if it is a name; otherwise prints why it is none. */
export async function withName<N extends string>(
  conversation: Conversation,
  { schema, argument }: NameArgument<N>,
  act: (name: N) => Promise<void>,
): Promise<undefined> {
  const name = schema.safeParse(argument);
  if (name.success) {
    await act(name.data);
    return;
  }
  const rule = name.error.issues[0]?.message ?? 'it is not a name';
  conversation.print(
    argument === '' ? `A name is missing: ${rule}.` : `"${sanitiseLine(argument, 60)}" is not a valid name: ${rule}.`,
  );
}

/** Adds to an error of the work which room and which user it is about. */
export const withContext = <T>(about: ErrorContext, work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw asCommandError(error, about);
  });

/** Calls `act` with the current room; prints how to enter one when there is none. */
export async function inCurrentRoom(
  conversation: Conversation,
  act: (roomName: RoomName) => Promise<void>,
  otherUser?: UserName,
): Promise<undefined> {
  const { roomName } = conversation;
  if (roomName === null) {
    conversation.print(notInARoom);
    return;
  }
  const about = { room: conversation.titleOf(roomName), ...(otherUser === undefined ? {} : { otherUser }) };
  await withContext(about, act(roomName));
}

/** Calls `act` with the current room and a user name; prints what is missing. */
export const withUserInCurrentRoom = (
  conversation: Conversation,
  argument: string,
  act: (roomName: RoomName, user: UserName) => Promise<void>,
): Promise<undefined> =>
  withName(conversation, { schema: userName, argument }, (user) =>
    inCurrentRoom(conversation, (roomName) => act(roomName, user), user),
  );
