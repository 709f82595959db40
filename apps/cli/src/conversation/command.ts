/** What a slash command is, and what several of them need: a name that can be one, the room that the person is in. */
import { userName } from '@chat/protocol';
import { sanitiseLine } from '../screen/sanitise.ts';
import { type Circumstances, explained } from '../sentences.ts';
import type { Conversation } from './conversation.ts';

/** `end` leaves the program. */
export type Outcome = 'go-on' | 'end';

/** Puts a question to the person. */
export type Ask = (question: string) => Promise<string>;

export interface Command {
  readonly usage: string;
  readonly summary: string;
  /** `argument` is the rest of the line. */
  run(conversation: Conversation, argument: string, ask: Ask): Promise<Outcome | undefined> | Outcome | undefined;
}

interface NameSchema {
  safeParse(
    value: string,
  ): { success: true; data: string } | { success: false; error: { issues: { message: string }[] } };
}

export const menu = '1) create a room  2) join a room by name  3) list the rooms';

export const notInARoom = `You are in no room yet: /create NAME or /join NAME, /msg USER to talk with one person, /rooms lists the rooms, /help shows all commands.`;

/** The words of an argument. */
export const wordsOf = (argument: string): string[] => argument.split(/\s+/).filter((word) => word !== '');

/** Calls `act` with a name that can be one, and otherwise says why it cannot. */
export async function named(
  schema: NameSchema,
  conversation: Conversation,
  argument: string,
  act: (name: string) => Promise<void>,
): Promise<undefined> {
  const name = schema.safeParse(argument);
  if (!name.success) {
    const why = name.error.issues[0]?.message ?? 'it is not a name';
    conversation.print(
      argument === '' ? `A name is missing: ${why}.` : `"${sanitiseLine(argument, 60)}" will not do: ${why}.`,
    );
    return;
  }
  await act(name.data);
}

/** Lets an error name the room and the person. */
export const about = <T>(circumstances: Circumstances, work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw explained(error, circumstances);
  });

/** Calls `act` with the room that the person is in and somebody's name, so that errors name both; says where there is neither. */
export const withUserHere = (
  conversation: Conversation,
  user: string,
  act: (room: string, user: string) => Promise<void>,
): Promise<undefined> =>
  named(userName, conversation, user, (person) => here(conversation, (room) => act(room, person), person));

/** The same without a person. */
export async function here(
  conversation: Conversation,
  act: (room: string) => Promise<void>,
  person?: string,
): Promise<undefined> {
  const { room } = conversation;
  if (room === null) conversation.print(notInARoom);
  else await about({ room: conversation.titleOf(room), ...(person === undefined ? {} : { person }) }, act(room));
}
