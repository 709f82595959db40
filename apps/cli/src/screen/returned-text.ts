/** The text of a message that was not sent, and why. */
import { sanitise, sanitiseLine } from '@chat/safe-text';
import type { EventOf } from '../client-event.ts';
import { alarm, continuation, type Scene } from './scene.ts';

/** Returns a sentence of the server or the system without its full stop, to be used inside another sentence. */
export const reasonOf = (reason: string): string => sanitiseLine(reason).replace(/\.$/, '');

/** Returns a text that could not be sent, indented, and then why; only why if there is no text. A long text would move a sentence above it off the screen. */
export function returnedText(scene: Pick<Scene, 'palette'>, text: string, sentence: string): string {
  if (text === '') return alarm(scene, sentence);
  const lines = sanitise(text).split('\n');
  const quoted = ['Your text:', ...lines.map((line) => continuation + line)].join('\n');
  return `${scene.palette.quiet(quoted)}\n${alarm(scene, sentence)}`;
}

const wordFor: Readonly<Record<NonNullable<EventOf<'undelivered'>['what']>, string>> = {
  reply: 'reply',
  edit: 'edit',
  delete: 'deletion',
  reaction: 'reaction',
  action: 'text',
  hide: 'word that hides a message',
  file: 'file',
};

/** Returns what was not sent, and why. */
export function presentUndelivered({ roomName, text, what, reason }: EventOf<'undelivered'>, scene: Scene): string {
  const word = what === undefined ? 'text' : wordFor[what];
  return returnedText(scene, text, `Your ${word} was not sent to ${scene.title(roomName)}: ${reasonOf(reason)}.`);
}
