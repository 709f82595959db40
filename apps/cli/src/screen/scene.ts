/** What decides, besides the event itself, how an event is shown. */

import type { Palette } from './palette.ts';
import { sanitise } from './sanitise.ts';

export interface Scene {
  readonly palette: Palette;
  /** A time in milliseconds since 1970 as it is shown. */
  time(at: number): string;
  /** Now, in milliseconds since 1970. */
  readonly now: number;
  /** This user. */
  readonly me: string;
  /** The room that the person is in, whose lines need no label. */
  readonly room: string | null;
  /** Who left the room of the event since its latest key. */
  readonly leavers: readonly string[];
  /** Who was removed from it since then. */
  readonly removed: readonly string[];
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
