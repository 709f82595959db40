/** `chat verify-log`: what `/verify` does without a user, for scripts. */
import { safeJson } from '@chat/safe-text';
import { z } from 'zod';
import { printLine } from '../terminal/print-line.ts';
import { safetyNumberRows } from '../text/safety-number.ts';
import { oneShot } from './one-shot.ts';
import { json, room } from './operands.ts';
import { withRoom } from './session.ts';

/** The command `chat verify-log`. */
export const verifyLog = oneShot(
  {
    summary:
      "Print the fingerprint of a room's log. It is the same for two members exactly if they have read the same log up to that position.",
    operands: {
      room,
      position: {
        value: 'POSITION',
        takes: 'a position of the log, one of the latest 512',
        schema: z
          .string()
          .regex(/^\d{1,15}$/)
          .transform(Number),
        optional: true,
      },
    },
    options: { json },
  },
  (request, context) =>
    withRoom(context, { room: request.room }, async (client, { roomName }) => {
      const { seq, number } = await client.logFingerprint(roomName, request.position);
      if (request.json) context.stdout.write(`${safeJson({ room: request.room, seq, number })}\n`);
      else printLine(context.stdout, `${seq}\n${safetyNumberRows(number, '')}`);
    }),
);
