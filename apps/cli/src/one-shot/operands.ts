/** Operands and options that several commands take. */
import { roomName, userName } from '@chat/protocol';
import { z } from 'zod';
import { userSign } from '../text/room-title.ts';

/** The title of a room: its name, or `@bob` for the direct room with bob. */
const roomTitle = z
  .string()
  .refine(
    (text) =>
      (text.startsWith(userSign) ? userName.safeParse(text.slice(userSign.length)) : roomName.safeParse(text)).success,
  );

const roomNameRule = 'a room name (1 to 48 of a-z, 0-9, ., _ and -, a letter or digit first)';

/** A room that the user may have joined. */
export const room = { value: 'ROOM', takes: `${roomNameRule} or @USER`, schema: roomTitle } as const;

/** A room by its name only. */
export const namedRoom = { value: 'ROOM', takes: roomNameRule, schema: roomName } as const;

/** The name of a user. */
export const user = {
  value: 'USER',
  takes: 'a user name (1 to 32 of a-z, 0-9, _ and -, a letter or digit first)',
  schema: userName,
} as const;

/** The number of a message: its position on the log of its room. */
export const messageNumber = {
  value: 'NUMBER',
  takes: 'the number of a message, such as 12 or #12',
  schema: z
    .string()
    .regex(/^#?\d{1,15}$/)
    .transform((text) => Number(text.replace('#', ''))),
} as const;

/** The text of a message. */
export const text = {
  value: 'TEXT',
  takes: 'a text; without it, or with -, the text comes from standard input',
  schema: z.string(),
  optional: true,
} as const;

/** Prints JSON instead of text. */
export const json = { value: null, help: 'Print JSON, one object in each line.' } as const;

/** Returns the option with which a command prints at most so many messages. Default: 20 */
export const messageLimit = (least: 0 | 1, most: number) =>
  ({
    value: 'N',
    takes: `a number from ${least} to ${most}`,
    schema: z
      .string()
      .regex(/^\d{1,6}$/)
      .transform(Number)
      .refine((n) => n >= least && n <= most),
    fallback: '20',
    help: `How many of the latest messages to print, at most ${most}.`,
  }) as const;

/** Seconds, converted to milliseconds. */
const seconds = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .transform((text) => Number(text) * 1000)
  .refine((ms) => ms > 0 && ms < 2 ** 31);

/** The time limit of a command: seconds on the command line, milliseconds in the request. */
export const timeout = {
  value: 'SECONDS',
  takes: 'a positive number of seconds',
  schema: seconds,
  fallback: '30',
  help: 'How many seconds to wait for the room key and for the server.',
} as const;
