/** Everything besides an event that decides how the event is shown. */
import type { UserName } from '@chat/protocol';
import type { EventOf, RoomEventKind } from '../client-event.ts';
import { safeName } from '../text/user-name.ts';
import type { Palette } from './palette.ts';

/** What a user does, or what happens to a user, for which a room's key is changed: the user leaves it, or renews the identity key. */
export const departures = [
  'left',
  'removed',
  'revoked',
  'withdrawn',
  'declined',
  'key-renewed',
] as const satisfies readonly RoomEventKind[];
/** One of these. */
export type Departure = (typeof departures)[number];

/** Earlier events of a room that later sentences refer to. */
export interface Notes {
  /** The users of whom the room's latest key does not know yet, by what they did. */
  readonly departed: Readonly<Record<Departure, readonly string[]>>;
  /** The key that was requested last. */
  readonly wanted: Pick<EventOf<'key-wanted'>, 'epoch' | 'since' | 'asked'> | null;
}

/** The notes of a room before its first event. */
export const noNotes: Notes = {
  departed: { left: [], removed: [], revoked: [], withdrawn: [], declined: [], 'key-renewed': [] },
  wanted: null,
};

/** The notes of the event's room, and the state of the screen. */
export interface Scene extends Notes {
  readonly palette: Palette;
  /** Formats a time in milliseconds since 1970. */
  time(at: number): string;
  /** Now, in milliseconds since 1970. */
  readonly now: number;
  /** The name of the local user. */
  readonly me: string;
  /** The name of the current room, whose lines have no label; null when there is none. */
  readonly currentRoom: string | null;
  /** Returns the title of a room, safe to print. */
  title(roomName: string): string;
  /** Returns whether the local user has blocked a user. Default: no user is blocked. */
  isBlocked?(user: UserName): boolean;
  /** Returns a known user whose name looks like this other one; null when there is none. */
  lookAlike(user: UserName): UserName | null;
}

/** Indents the further lines of a text of this program. */
export const continuation = '        ';

/** Returns a line about something that happened at a time. */
export const notice = (scene: Scene, at: number, text: string): string =>
  scene.palette.quiet(`${scene.time(at)} * ${text}`);

/** Returns the text, and a line that warns of a name that looks like the name of a known user, if it does. */
export function withLookAlike(scene: Scene, user: UserName, text: string): string {
  const other = scene.lookAlike(user);
  if (other === null) return text;
  const [name, known] = [safeName(user), other === scene.me ? 'your own name' : safeName(other)];
  const warning = `${name} is not ${known}: the names look alike. Ask who ${name} is before you trust them.`;
  return `${text}\n${alarm(scene, warning)}`;
}

/** Returns a line that the user must not overlook. */
export const alarm = (scene: Pick<Scene, 'palette'>, text: string): string => scene.palette.alarm(`!! ${text}`);
