/** The rows of the message column, and the part of them that the user sees. */
import { cellsOf, type Line } from '@chat/terminal-screen';
import { type MessageScene, messageText } from '../../screen/message-text.ts';
import { layOut } from '../../text/layout.ts';
import { dayOf } from '../../text/time.ts';
import type { Item, RoomLog } from '../model/room-log.ts';
import { KnownRows } from './known-rows.ts';

type Rows = readonly Line[];

/** The end of what the user sees: an item, and how many of its rows are below. */
export interface Position {
  readonly id: string;
  readonly below: number;
}

/** The same with the item's place in the log. */
interface Place {
  readonly at: number;
  readonly below: number;
}

/** What the user sees of a log. */
export interface Seen {
  readonly rows: Rows;
  /** The number of rows above, as far as they were counted. */
  readonly above: number;
}

/** Lays out the items of logs, each once for a width. */
export class LogRows {
  readonly #scene: MessageScene;
  #width = 0;
  #known = new WeakMap<Item, Rows>();
  /** Rows that are no items. */
  readonly #short = new KnownRows();

  constructor(scene: MessageScene) {
    this.#scene = scene;
  }

  /** Sets the width of the column. */
  setWidth(width: number): void {
    if (width !== this.#width) this.#known = new WeakMap();
    this.#width = width;
  }

  /**
   * Returns the rows that end at a position.
   *
   * @param position null for the end of the log
   * @param count the number of rows, empty ones at the top if there are fewer
   * @param reach how many of the rows above are counted
   */
  seen(log: RoomLog, position: Position | null, count: number, reach: number): Seen {
    const { at, below } = placeOf(log, position);
    const blocks: Rows[] = [];
    let found = -below;
    for (let index = at; index >= 0 && found < count + reach; index -= 1) {
      const rows = this.#rowsAt(log, index);
      found += rows.length;
      blocks.push(rows);
    }
    const all = blocks.reverse().flat();
    const end = all.length - below;
    const rows = all.slice(Math.max(0, end - count), end);
    return {
      rows: [...new Array<Line>(count - rows.length).fill(this.#short.of('', this.#width)), ...rows],
      above: Math.max(0, found - count),
    };
  }

  /** Returns the position some rows above another one, so that no more than the first row of the log is at the top. */
  up(log: RoomLog, position: Position | null, by: number, count: number): Position | null {
    const most = Math.min(by, this.seen(log, position, count, by).above);
    let { at, below } = placeOf(log, position);
    let left = most;
    for (let rows = this.#rowsAt(log, at).length; at > 0 && left >= rows - below; rows = this.#rowsAt(log, at).length) {
      left -= rows - below;
      at -= 1;
      below = 0;
    }
    return positionOf(log, { at, below: below + left });
  }

  /** Returns the position some rows below another one; null if that is the end of the log. */
  down(log: RoomLog, position: Position | null, by: number): Position | null {
    let { at, below } = placeOf(log, position);
    let left = by;
    while (left > below && at < log.items.length - 1) {
      left -= below;
      at += 1;
      below = this.#rowsAt(log, at).length;
    }
    return left >= below ? null : positionOf(log, { at, below: below - left });
  }

  #rowsAt({ items }: RoomLog, at: number): Rows {
    const item = items[at];
    if (item === undefined) return [];
    const before = items[at - 1];
    const day = dayOf(item.at);
    const rows = this.#rowsOf(item);
    return before !== undefined && dayOf(before.at) === day ? rows : [this.#dayRow(day), ...rows];
  }

  #dayRow(day: string): Line {
    return this.#short.of(this.#scene.palette.quiet(`---- ${day} ----`), this.#width);
  }

  #rowsOf(item: Item): Rows {
    const known = this.#known.get(item);
    if (known !== undefined) return known;
    const text = item.kind === 'note' ? item.text : messageText(this.#scene, item.message);
    const rows = layOut(text, this.#width)
      .split('\n')
      .map((row) => cellsOf(row, this.#width));
    this.#known.set(item, rows);
    return rows;
  }
}

function placeOf({ items }: RoomLog, position: Position | null): Place {
  const at = position === null ? -1 : items.findLastIndex(({ id }) => id === position.id);
  return position === null || at < 0 ? { at: items.length - 1, below: 0 } : { at, below: position.below };
}

/** Returns null for the end of the log, where new rows are seen as they come. */
function positionOf({ items }: RoomLog, { at, below }: Place): Position | null {
  const item = items[at];
  return item === undefined || (at === items.length - 1 && below === 0) ? null : { id: item.id, below };
}
