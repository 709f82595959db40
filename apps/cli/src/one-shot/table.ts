/** The commands without a screen. */
import { enrol } from './enrol.ts';
import type { OneShot } from './one-shot.ts';
import { create, join, leave, members, rooms } from './rooms.ts';
import { send } from './send.ts';
import { tail } from './tail.ts';

export const oneShots: Readonly<Record<string, OneShot>> = { send, tail, rooms, create, join, leave, members, enrol };
