/** What a message store needs, and what it is asked and answers. */
import { MessageStoreError } from '../errors.ts';
import type { KeptMessage } from '../message.ts';
import type { HitPlace } from './search.ts';
import type { SegmentSetOptions } from './segment-set.ts';
import type { StoredMessages } from './stored-messages.ts';

/** Why messages of a file are missing in pages and hits. */
export type FileTrouble =
  /** The file is missing or was altered. */
  | 'damaged'
  /** The system does not let it be read. */
  | 'unreadable';

/** What a message store needs. */
export interface MessageStoreOptions extends SegmentSetOptions {
  /** Returns the time in ms since 1970. */
  now(): number;
  /** Called when the state has changed by itself and is to be stored soon. */
  changed(): void;
  /** Called once for each segment that cannot be read: its messages are missing in pages and hits. */
  damaged(trouble: FileTrouble): void;
  /** What was stored. */
  readonly stored: StoredMessages;
}

/** Options of `MessageStore.page`. */
export interface PageOptions {
  /** Messages before this position. Default: the latest ones. */
  readonly before?: number | undefined;
  /** The messages that follow this position, in place of those before one. */
  readonly after?: number | undefined;
  /** How many messages, from 1 to 1,000. Default: 50 */
  readonly limit?: number | undefined;
}

/** Options of `MessageStore.search`. */
export interface SearchOptions {
  /**
   * The words that a message must have, divided by spaces; `begin*` stands for all words with this beginning. Words in quotation marks
   * stand in the message one after the other.
   */
  readonly words: string;
  /** The ids of the rooms to look into. Default: all */
  readonly rooms?: readonly string[] | undefined;
  /** The author. Default: any */
  readonly user?: string | undefined;
  /** Only messages from before this time, in ms since 1970. */
  readonly before?: number | undefined;
  /** Where an earlier search has stopped: its `next`. */
  readonly after?: HitPlace | undefined;
  /** How many hits, from 1 to 1,000. Default: 20 */
  readonly limit?: number | undefined;
}

/** A message of a search. */
export interface FoundMessage extends KeptMessage {
  readonly roomId: string;
}

/** The result of a search. */
export interface SearchResult {
  /** The latest first. */
  readonly hits: readonly FoundMessage[];
  /** Where the next search goes on; null if there are no more hits. */
  readonly next: HitPlace | null;
}

/** More messages than there are at one position. */
export const maxSamePlace = 16;

/** Returns a message without what only the store needs. */
export function withoutReadAt({ readAt: _, ...message }: KeptMessage): KeptMessage {
  return message;
}

/** The most messages that one call returns. */
export const maxLimit = 1000;

/** Returns a limit if it is one. @throws MessageStoreError `invalid-argument` */
export function requireLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxLimit) return limit;
  throw new MessageStoreError('invalid-argument', `limit must be an integer from 1 to ${maxLimit}`);
}
