/** The rows of a message block. */
import type { KeptMessage, PlacedMessage } from '../message.ts';
import { isTuples } from './decoded.ts';

/** A message block as JSON. */
interface MessageBlock {
  readonly authors: readonly (readonly [user: string, fingerprint: string])[];
  readonly messages: readonly MessageRow[];
}

type MessageRow = readonly [
  stream: number,
  seq: number,
  author: number,
  at: number,
  readAt: number,
  text: string,
  /** Empty if it is not known. In blocks of an earlier version a row ends before it. */
  hash?: string,
  /** What few messages have, as JSON; empty for nothing. */
  more?: string,
];

type More = Pick<KeptMessage, 'action' | 'replyTo' | 'file' | 'newer' | 'edited' | 'deleted' | 'reactions'>;

/** Returns what few messages have, as JSON; empty for nothing. */
export function encodeMore({ action, replyTo, file, newer, edited, deleted, reactions }: KeptMessage): string {
  const more: More = { action, replyTo, file, newer, edited, deleted, reactions };
  return Object.values(more).every((part) => part === undefined) ? '' : JSON.stringify(more);
}

const earlierRow = ['number', 'number', 'number', 'number', 'number', 'string'] as const;

/**
 * Decodes a message block. Who has altered the file has failed before: this finds one of another version.
 *
 * @throws SyntaxError, TypeError
 */
export function decodeMessages(bytes: Uint8Array): readonly PlacedMessage[] {
  const block: Record<keyof MessageBlock, unknown> = JSON.parse(new TextDecoder().decode(bytes));
  const isBlock =
    isTuples(block.authors, ['string', 'string']) &&
    (isTuples(block.messages, [...earlierRow, 'string', 'string']) || isTuples(block.messages, earlierRow));
  if (!isBlock) throw new TypeError('The block has no messages.');
  const { authors, messages } = block as unknown as MessageBlock;
  return messages.map(([stream, seq, author, at, readAt, text, hash = '', more = '']) => {
    const [user, fingerprint] = authors[author] ?? ['', ''];
    const message = { stream, seq, user, fingerprint, text, at, readAt, ...(hash === '' ? {} : { hash }) };
    return more === '' ? message : { ...message, ...(JSON.parse(more) as More) };
  });
}
