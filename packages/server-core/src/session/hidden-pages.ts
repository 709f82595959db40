/**
 * Those parts of logs whose messages a reader may not read. They are the same for all readers of a room and never change, so they are
 * read from the store once and kept: newcomers of a large room come one after another.
 */
import { encodeStubsPushes, fromHex, type RoomId } from '@chat/protocol';
import type { HiddenItem, Range } from '../domain/damage/hidden-range.ts';
import type { CheckedEntry } from '../domain/damage/log-check.ts';

/** Positions of a page. Its frames take 33 kB, and 400 bytes more for each entry that is no message. */
const pageEntries = 1_024;
/** Memory of the pages that are kept, of all rooms: the stubs of half a million messages. */
const maxKeptBytes = 16 * 1024 * 1024;

/** The frames of some positions. */
export interface FramedPage {
  readonly frames: Uint8Array;
  /** The last of these positions. */
  readonly last: number;
}

/** What is kept of a page. */
interface KeptPage {
  readonly items: readonly HiddenItem[];
  /** About the memory that they take. */
  readonly bytes: number;
}

/** What is needed of the feed of a room. */
interface Feed {
  readonly log: { readonly id: RoomId; readHidden(range: Range): Promise<readonly HiddenItem[]> };
  /** Stands for the room in frames. */
  readonly number: number;
  frameOf(item: CheckedEntry): Uint8Array;
}

function framesOf(feed: Feed, items: readonly HiddenItem[]): Uint8Array {
  const frames = items.flatMap((item) => {
    if ('hashes' in item) return [...encodeStubsPushes(feed.number, item)];
    const { seq, hash } = item;
    const type = 'entry' in item ? item.entry.type : item.type;
    const isStub = type === 'message' && hash !== null;
    return isStub ? [...encodeStubsPushes(feed.number, { seq, hashes: fromHex(hash) })] : [feed.frameOf(item)];
  });
  return Buffer.concat(frames);
}

/** Reads and keeps what such pages hold, for all feeds of a server. */
export class HiddenPages {
  /** The page that was used the longest time ago comes first. */
  readonly #kept = new Map<string, KeptPage>();
  readonly #maxBytes: number;
  #bytes = 0;

  /** @param maxBytes default: 16 MiB */
  constructor(maxBytes: number = maxKeptBytes) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of the pages that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Reads the next page after a position: at most up to `last`, and at least one position. */
  async read(feed: Feed, { after, last }: Range): Promise<FramedPage> {
    const end = (Math.floor(after / pageEntries) + 1) * pageEntries;
    const key = `${feed.log.id} ${end}`;
    // Only whole pages are kept: others grow with the log, or end where their reader may read.
    const isWhole = after % pageEntries === 0 && end <= last;
    const kept = isWhole ? this.#used(key) : undefined;
    if (kept !== undefined) return { frames: framesOf(feed, kept.items), last: end };
    const range = { after, last: Math.min(end, last) };
    const items = await feed.log.readHidden(range);
    const frames = framesOf(feed, items);
    // A member may give back what is damaged, so its gap is not kept.
    if (isWhole && !items.some((item) => 'cause' in item && item.cause === 'damaged')) {
      this.#keep(key, { items, bytes: frames.length });
    }
    return { frames, last: range.last };
  }

  /** Returns a page, which is then the one that was used last. */
  #used(key: string): KeptPage | undefined {
    const page = this.#kept.get(key);
    if (page !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, page);
    }
    return page;
  }

  #keep(key: string, page: KeptPage): void {
    this.#bytes += page.bytes - (this.#kept.get(key)?.bytes ?? 0);
    this.#kept.set(key, page);
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#kept.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}
