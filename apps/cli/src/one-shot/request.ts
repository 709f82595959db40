/** The parts of requests that several commands have. */
import { roomName, userName } from '@chat/protocol';
import { z } from 'zod';
import { personSign } from '../screen/title.ts';

export const flag = z.boolean().default(false);

export const json = { json: { type: 'boolean' } } as const;

/** A positive number of seconds, as milliseconds. */
export const seconds = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'it is a number of seconds')
  .transform((text) => Number(text) * 1000)
  .refine((ms) => ms > 0 && ms < 2 ** 31, 'it is a positive number of seconds');

/** A room by its name, or by the person that it is a conversation with: `@bob`. */
export const roomWord = z.string().superRefine((word, context) => {
  const { success, error } = word.startsWith(personSign)
    ? userName.safeParse(word.slice(personSign.length))
    : roomName.safeParse(word);
  if (!success) context.addIssue({ code: 'custom', message: error.issues[0]?.message ?? 'it is no name' });
});
