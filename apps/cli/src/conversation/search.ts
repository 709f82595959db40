/** The latest search of a conversation: its pages of hits, and the messages around a hit. */
import type { HitPlace, MessageHit, MessageSearchOptions, MessageView } from '@chat/client';
import type { Client } from '../client-surface.ts';

/** The number of hits of a page. */
const hitsOfPage = 10;

/** What a search looks for. */
export type WantedMessages = Omit<MessageSearchOptions, 'after' | 'limit'>;

/** A page of hits. */
export interface HitPage {
  /** The latest first. */
  readonly hits: readonly MessageHit[];
  /** The number of the first hit, from 1. */
  readonly first: number;
  readonly hasNext: boolean;
}

/** A hit with the messages of its room before and after it. */
export interface SurroundedHit {
  readonly roomName: MessageHit['roomName'];
  readonly before: readonly MessageView[];
  readonly hit: MessageHit;
  readonly after: readonly MessageView[];
}

/** The search that was made last. It keeps where its hits are, and reads them anew each time, because they may be erased meanwhile. */
export class Search {
  readonly #messages: Client['messages'];
  #wanted: WantedMessages | null = null;
  /** Where the pages begin that are known. */
  #starts: readonly (HitPlace | undefined)[] = [];
  #current = 0;
  /** By the number of the hit. */
  readonly #places = new Map<number, Pick<MessageHit, 'roomId' | 'roomName' | 'seq'>>();

  constructor(messages: Client['messages']) {
    this.#messages = messages;
  }

  /** What the search looks for; null before the first one. */
  get wanted(): WantedMessages | null {
    return this.#wanted;
  }

  /** Makes a search. Returns its first page, which has no hits if there are none. */
  async begin(wanted: WantedMessages): Promise<HitPage> {
    const { hits, next } = await this.#messages.search({ ...wanted, limit: hitsOfPage });
    this.#wanted = wanted;
    this.#places.clear();
    return this.#show(0, [undefined], { hits, next });
  }

  /** Goes to the next page, or back to the previous one. Returns null if there is none. */
  async go(step: 1 | -1): Promise<HitPage | null> {
    const index = this.#current + step;
    if (this.#wanted === null || index < 0 || index >= this.#starts.length) return null;
    const after = this.#starts[index];
    const found = await this.#messages.search({ ...this.#wanted, after, limit: hitsOfPage });
    return found.hits.length === 0 ? null : this.#show(index, this.#starts.slice(0, index + 1), found);
  }

  /** Returns whether a hit was shown with this number. */
  has(number: number): boolean {
    return this.#places.has(number);
  }

  /**
   * Returns a hit that was shown, with the messages around it; null if it is not on this machine any more.
   *
   * @param count how many messages on each side
   */
  async around(number: number, count: number): Promise<SurroundedHit | null> {
    const place = this.#places.get(number);
    if (place === undefined) return null;
    const { roomId, roomName, seq } = place;
    const messages = await this.#messages.around(place, count);
    const at = messages.findIndex((message) => message.seq === seq);
    const hit = messages[at];
    if (hit === undefined) return null;
    return {
      roomName,
      before: messages.slice(0, at),
      hit: { ...hit, roomId, roomName },
      after: messages.slice(at + 1),
    };
  }

  #show(
    index: number,
    starts: readonly (HitPlace | undefined)[],
    { hits, next }: { readonly hits: readonly MessageHit[]; readonly next: HitPlace | null },
  ): HitPage {
    this.#current = index;
    this.#starts = next === null ? starts : [...starts, next];
    const first = index * hitsOfPage + 1;
    for (const [at, { roomId, roomName, seq }] of hits.entries())
      this.#places.set(first + at, { roomId, roomName, seq });
    return { hits, first, hasNext: next !== null };
  }
}
