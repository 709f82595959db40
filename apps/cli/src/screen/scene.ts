/** What decides, besides the event itself, how an event is shown. */

import type { Palette } from './palette.ts';
import type { EventOf, RoomEventKind } from './room-event.ts';
import { sanitise } from './sanitise.ts';

/** The ways in which somebody goes for whom a room then changes its key. */
export const departures = ['left', 'removed', 'revoked', 'withdrawn'] as const satisfies readonly RoomEventKind[];
export type Departure = (typeof departures)[number];

/** What was told of a room before, and what is told now refers to. */
export interface Notes {
  /** Who went since its latest key, by how they did. */
  readonly departed: Readonly<Record<Departure, readonly string[]>>;
  /** The key that was last asked for. */
  readonly wanted: Pick<EventOf<'key-wanted'>, 'epoch' | 'since' | 'asked'> | null;
}

export const noNotes: Notes = { departed: { left: [], removed: [], revoked: [], withdrawn: [] }, wanted: null };

/** The notes of the room of the event, and what surrounds it. */
export interface Scene extends Notes {
  readonly palette: Palette;
  /** A time in milliseconds since 1970 as it is shown. */
  time(at: number): string;
  /** Now, in milliseconds since 1970. */
  readonly now: number;
  /** This user. */
  readonly me: string;
  /** Name of the room that the person is in, whose lines need no label. */
  readonly room: string | null;
  /** What a room of this name is called on the screen: safe to show. */
  title(name: string): string;
}

/** Continuation lines are indented: they cannot pass for a line of somebody else. */
export const continuation = '        ';

/** `14:03 alice: text`, further lines of the text indented. */
export function messageLine(scene: Scene, user: string, at: number, text: string): string {
  const [first = '', ...rest] = sanitise(text).split('\n');
  const head = `${scene.palette.quiet(scene.time(at))} ${scene.palette.author(user)}: ${first}`;
  return [head, ...rest.map((line) => continuation + line)].join('\n');
}

export const notice = (scene: Scene, at: number, text: string): string =>
  scene.palette.quiet(`${scene.time(at)} * ${text}`);

export const alarm = (scene: Scene, text: string): string => scene.palette.alarm(`!! ${text}`);
