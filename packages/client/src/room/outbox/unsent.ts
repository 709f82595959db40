/** The messages of an outbox: what they say, and what becomes of them when the conversation goes on in another room. */
import type { KeptFile, KeptMessage } from '@chat/message-store';
import { type MessageBody, type MessageKind, textOfBody } from '@chat/protocol';
import type { UnsentMessage } from '../../storage/stored-state.ts';

/** What is reported of a message that will not be sent. */
export interface Undelivered {
  readonly text: string;
  readonly what?: Exclude<MessageKind, 'text'>;
}

/** Returns what a message says. */
export const bodyOf = ({ body, text }: UnsentMessage): MessageBody => body ?? { kind: 'text', text };

/** Returns the text and what else is stored of a message that is to be sent. */
export function unsentOf(said: string | MessageBody): Pick<UnsentMessage, 'text' | 'body'> {
  if (typeof said === 'string') return { text: said };
  return said.kind === 'text' ? { text: said.text } : { text: textOfBody(said), body: said };
}

/** Returns what is reported of a message that will not be sent. */
export function undeliveredOf(message: UnsentMessage): Undelivered {
  const { kind } = bodyOf(message);
  return kind === 'text' || kind === 'newer' ? { text: message.text } : { text: message.text, what: kind };
}

/** What of one room is said again in another one. */
export interface SaidAgain {
  /** What is said of the messages that were on the log. */
  readonly said: readonly MessageBody[];
  /** The messages that waited, with what they say there. */
  readonly waiting: readonly (readonly [UnsentMessage, MessageBody])[];
  /** The messages that waited and say nothing there: a change is in what is said again. */
  readonly spent: readonly UnsentMessage[];
}

const withText = ({ action }: KeptMessage, text: string): MessageBody => ({ kind: action ? 'action' : 'text', text });

/** Members of another room cannot fetch a file of this one: there it is its name, and what was said about it. */
const textOfFile = (file: Pick<KeptFile, 'name'> | undefined, text: string): string =>
  [file?.name ?? '', text].filter((part) => part !== '').join('\n');

/** Returns what is said again. References to messages of the room that is left would mean nothing in the other one. */
export function sayAgain(said: readonly KeptMessage[], waiting: readonly UnsentMessage[]): SaidAgain {
  const texts = new Map(said.map((message) => [message, textOfFile(message.file, message.text)]));
  const spent: UnsentMessage[] = [];
  const again: (readonly [UnsentMessage, MessageBody])[] = [];
  for (const message of waiting) {
    const body = bodyOf(message);
    if (body.kind === 'file') again.push([message, { kind: 'text', text: textOfFile(body.file, body.text) }]);
    else if (!('target' in body)) again.push([message, body]);
    else if (body.kind === 'reply') again.push([message, { kind: 'text', text: body.text }]);
    else {
      const target = said.find(({ hash }) => hash === body.target.hash);
      if (target !== undefined && body.kind === 'edit' && texts.has(target)) texts.set(target, body.text);
      if (target !== undefined && body.kind === 'delete') texts.delete(target);
      spent.push(message);
    }
  }
  return { said: [...texts].map(([message, text]) => withText(message, text)), waiting: again, spent };
}
