/** The parts of requests that several commands have. */
import { z } from 'zod';

export const flag = z.boolean().default(false);

/** A positive number of seconds, as milliseconds. */
export const seconds = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'it is a number of seconds')
  .transform((text) => Number(text) * 1000)
  .refine((ms) => ms > 0 && ms < 2 ** 31, 'it is a positive number of seconds');
