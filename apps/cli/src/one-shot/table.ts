/** The commands without a screen. */
import { enrol } from './enrol.ts';
import type { OneShot } from './one-shot.ts';
import { giveRole, invite, knocks, remove, verify } from './people.ts';
import { create, invitations, join, knock, leave, members, rooms } from './rooms.ts';
import { message, send } from './send.ts';
import { tail } from './tail.ts';

export const oneShots: Readonly<Record<string, OneShot>> = {
  send,
  msg: message,
  tail,
  rooms,
  create,
  join,
  knock,
  invitations,
  leave,
  members,
  invite,
  knocks,
  remove,
  role: giveRole,
  verify,
  enrol,
};
