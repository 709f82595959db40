/** What is said of a room that the user enters, besides its messages. */
import type { RoomView } from '@chat/client';
import { policyMeaning } from '../text/room-policy.ts';
import type { Palette } from './palette.ts';

/** What is said of a room before and after its latest messages. */
export interface EnteredTexts {
  readonly heading: readonly string[];
  /** What the user should know before they write there. */
  readonly remarks: readonly string[];
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

function keyRemark({ hasKey, caughtUp }: RoomView): readonly string[] {
  if (!hasKey) return ['(waiting for the room key)'];
  return caughtUp ? [] : ['(you can read and write; what was said before is still being read)'];
}

function remarksOn(view: RoomView): readonly string[] {
  const why = view.deleted ? 'the operator of the server has deleted this room' : 'you were removed from this room';
  return [
    ...(view.removed ? [`(${why}: you can no longer send or receive here)`] : []),
    ...(view.left ? ['(you are in another direct room with this user now; /leave erases what is kept here)'] : []),
    ...(view.leaving ? ['(you are leaving this room: the server has not confirmed it yet)'] : []),
    ...keyRemark(view),
    ...(view.unsent > 0 ? [`(${counted(view.unsent, 'message')} of yours not sent yet)`] : []),
  ];
}

/**
 * Returns what is said of a room that the user enters.
 *
 * @param title safe to print
 */
export function enteredTexts(view: RoomView, title: string, palette: Palette): EnteredTexts {
  // The members are not known before the log has been read to its end.
  const members = view.caughtUp ? ` (${counted(view.members.length, 'member')})` : '';
  const policy = view.policy === null ? [] : [palette.quiet(`(${policyMeaning(view.policy)})`)];
  return {
    heading: [palette.strong(`You are in ${title}${members}.`), ...policy],
    remarks: remarksOn(view).map((text) => palette.quiet(text)),
  };
}
