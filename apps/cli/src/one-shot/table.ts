/** The commands that run without a screen. */
import { enrol } from './enrol.ts';
import { dismiss, giveRole, invite, knocks, remove, verify } from './members.ts';
import { edit, hide, react, remove as removeText } from './messages/changes.ts';
import { save } from './messages/files.ts';
import { keep } from './messages/keep.ts';
import { search } from './messages/search.ts';
import type { OneShot } from './one-shot.ts';
import { exportTo, takeBack } from './profile/export.ts';
import { importFrom } from './profile/import.ts';
import { logout } from './profile/logout.ts';
import { passwd } from './profile/passwd.ts';
import { recover } from './recovery/recover.ts';
import { recovery } from './recovery/recovery.ts';
import { renewKey } from './renew-key.ts';
import { create, decline, invitations, join, knock, leave, members, rooms } from './rooms.ts';
import { message, send } from './send.ts';
import { tail } from './tail.ts';
import { verifyLog } from './verify-log.ts';

/** The commands by their names on the command line. */
export const oneShots = {
  enrol,
  send,
  msg: message,
  edit,
  delete: removeText,
  react,
  hide,
  save,
  tail,
  search,
  keep,
  rooms,
  create,
  join,
  knock,
  invitations,
  decline,
  leave,
  members,
  invite,
  knocks,
  dismiss,
  remove,
  role: giveRole,
  verify,
  'verify-log': verifyLog,
  'renew-key': renewKey,
  passwd,
  export: exportTo,
  import: importFrom,
  'take-back': takeBack,
  recovery,
  recover,
  logout,
} as const satisfies Readonly<Record<string, OneShot>>;
