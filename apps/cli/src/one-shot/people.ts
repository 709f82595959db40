/** `chat invite`, `knocks`, `remove`, `role` and `verify`: what is decided about others, for scripts. */
import { role, userName } from '@chat/protocol';
import { z } from 'zod';
import { Failure } from '../command-error.ts';
import { requireOther } from '../other-person.ts';
import { knockList } from '../screen/lists.ts';
import { safetyNumberRows } from '../screen/safety-number.ts';
import { safeJson } from '../screen/sanitise.ts';
import { oneShot } from './one-shot.ts';
import { printList } from './print-list.ts';
import { flag, json, roomWord } from './request.ts';
import { withClient, withRoom } from './session.ts';

const person = z.object({ room: roomWord, user: userName });

export const invite = oneShot({
  usage: 'invite ROOM USER',
  summary: 'invite somebody into a room, or let in who asks for it; they read what is said from then on',
  words: ['room', 'user'],
  options: {},
  request: person,
  run: ({ room, user }, around) =>
    withRoom(around, room, { person: user }, (client, { roomName: name }) => client.invite(name, user)),
});

export const knocks = oneShot({
  usage: 'knocks ROOM [--json]',
  summary: 'list who asks to be let into a room that you have joined',
  words: ['room'],
  options: json,
  request: z.object({ room: roomWord, json: flag }),
  run: (request, around) =>
    withRoom(around, request.room, {}, async (client, { roomName: name }) => {
      const list = await client.knocks(name);
      printList(around, request, list, knockList(list));
    }),
});

export const remove = oneShot({
  usage: 'remove ROOM USER',
  summary: 'take somebody out of a room, or withdraw their invitation',
  words: ['room', 'user'],
  options: {},
  request: person,
  run: ({ room, user }, around) =>
    withRoom(around, room, { person: user }, (client, { roomName: name }) => client.removeMember(name, user)),
});

export const giveRole = oneShot({
  usage: 'role ROOM USER ROLE',
  summary: `give somebody a role in a room: ${role.options.join(', ')}; member lets who was removed come back`,
  words: ['room', 'user', 'role'],
  options: {},
  request: person.extend({ role }),
  run: ({ room, user, role: wanted }, around) =>
    withRoom(around, room, { person: user }, (client, { roomName: name }) => client.giveRole(name, user, wanted)),
});

const digits = (number: string): string => number.replace(/\s/g, '');

export const verify = oneShot({
  usage: 'verify USER [NUMBER] [--json]',
  summary: 'print the safety number of you and somebody; with the NUMBER that they see, mark them as verified',
  words: ['user', 'number?'],
  options: json,
  request: z.object({
    user: userName,
    number: z
      .string()
      .regex(/^(\d{5}\s*){12}$/, 'it is twelve groups of five digits, in quotes')
      .optional(),
    json: flag,
  }),
  run: ({ user, number, ...request }, around) =>
    withClient(around, { person: user }, async (client) => {
      requireOther(client, user);
      const ours = await client.safetyNumber(user);
      if (number !== undefined && digits(number) !== digits(ours.number)) {
        throw new Failure(
          'other-safety-number',
          `That is not the safety number of you and ${user}. Unless it is mistyped, somebody stands between you: say nothing secret to them here.`,
        );
      }
      if (number !== undefined) await client.verify(user, ours.fingerprint);
      const verified = ours.verified || number !== undefined;
      if (request.json) around.stdout.write(`${safeJson({ user, ...ours, verified })}\n`);
      else if (number === undefined) around.stdout.write(`${safetyNumberRows(ours.number, '')}\n`);
    }),
});
