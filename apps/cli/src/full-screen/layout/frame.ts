/** Puts the parts of the full screen together: panes, status line, and what the user types. */
import type { RoomView } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import type { Frame, Line, Row } from '@chat/terminal-screen';
import type { Client } from '../../client-surface.ts';
import type { Palette } from '../../screen/palette.ts';
import { type ComposerRows, composerRows } from '../composer/composer-rows.ts';
import type { Draft } from '../composer/draft.ts';
import { logOf, type Model } from '../model/model.ts';
import { border, columnsOf } from './columns.ts';
import { forLatest } from './for-latest.ts';
import { KnownRows } from './known-rows.ts';
import type { LogRows, Position } from './log-rows.ts';
import { memberRows, roomRows } from './side-panes.ts';
import { statusTexts } from './status-line.ts';

/** All that a frame shows. */
export interface FrameContent {
  readonly columns: number;
  readonly rows: number;
  readonly model: Model;
  readonly client: Pick<Client, 'online' | 'refusal'>;
  readonly rooms: readonly RoomView[];
  /** The users whose identity key has changed and is not trusted yet. */
  readonly changed: readonly string[];
  /** The end of the messages that the user sees; null for the latest one. */
  readonly position: Position | null;
  /** Stands before what the user types. */
  readonly prompt: string;
  readonly draft: Draft;
  readonly isSecret: boolean;
  /** A line that stands above what the user types until the next key; empty if there is none. */
  readonly hint: string;
  /** Now, in milliseconds since 1970. */
  readonly now: number;
}

/** A frame, and what the user can scroll in. */
export interface DrawnFrame {
  readonly frame: Frame;
  /** The number of rows of the message column. */
  readonly height: number;
  /** The number of rows above those that are shown, as far as they were counted. */
  readonly above: number;
}

/** The largest part of the screen for what the user types: one of so many. */
const composerShare = 3;

/** Draws frames. Parts that are as in the frame before are not laid out again. */
export class FrameLayout {
  readonly #palette: Palette;
  readonly #log: LogRows;
  readonly #known = new KnownRows();

  constructor(palette: Palette, log: LogRows) {
    this.#palette = palette;
    this.#log = log;
  }

  /** Returns the frame of a content. */
  draw(content: FrameContent): DrawnFrame {
    const { columns, rows, model, position, hint } = content;
    const composer = composerRows({
      ...content,
      width: columns,
      maxRows: Math.max(1, Math.floor(rows / composerShare)),
    });
    const hints = hint === '' ? [] : [this.#known.of(hint, columns)];
    const height = Math.max(0, rows - composer.rows.length - hints.length - 1);
    const widths = columnsOf(columns);
    this.#log.setWidth(widths.messages);
    const { rows: messages, above } = this.#log.seen(logOf(model, model.current), position, height, height);
    const panes = this.#panes(content, messages);
    const below = [this.#status(content), ...hints, ...composer.rows];
    const all = [...panes, ...below.map((line) => [line])].slice(-rows);
    const moving = { top: 0, bottom: height, line: widths.rooms === 0 ? 0 : 2 };
    return { frame: { rows: all, cursor: cursorOf(all, composer), moving }, height, above };
  }

  #panes({ columns, model, rooms, changed }: FrameContent, messages: readonly Line[]): readonly Row[] {
    const { current } = model;
    const widths = columnsOf(columns);
    const view = rooms.find(({ roomName }) => roomName === current) ?? null;
    const height = messages.length;
    const left = this.#roomLines(rooms, current, widths.rooms, height);
    const right = this.#memberLines(view, changed, widths.members, height);
    const line = this.#known.of(this.#palette.quiet(border), 1);
    return messages.map((message, at) => [
      ...(widths.rooms === 0 ? [] : [left[at] ?? this.#known.of('', widths.rooms), line]),
      message,
      ...(widths.members === 0 ? [] : [line, right[at] ?? this.#known.of('', widths.members)]),
    ]);
  }

  readonly #roomLines = forLatest(
    (rooms: readonly RoomView[], current: RoomName | null, width: number, height: number) => {
      const rows = width === 0 ? [] : roomRows({ rooms, current, palette: this.#palette }, width, height);
      return rows.map((row) => this.#known.of(row, width));
    },
  );

  readonly #memberLines = forLatest(
    (view: RoomView | null, changed: readonly string[], width: number, height: number) => {
      const rows = width === 0 ? [] : memberRows({ view, changed, palette: this.#palette }, width, height);
      return rows.map((row) => this.#known.of(row, width));
    },
  );

  #status({ columns, model, client, rooms, position, now }: FrameContent): Line {
    const { current, keyedAt } = model;
    const view = rooms.find(({ roomName }) => roomName === current) ?? null;
    const keyed = current === null ? null : (keyedAt.get(current) ?? null);
    const isScrolled = position !== null;
    const texts = statusTexts({ client, view, rooms, keyedAt: keyed, now, isScrolled });
    return this.#known.of(this.#palette.inverse(` ${texts.join(' | ')} `.padEnd(columns)), columns);
  }
}

const cursorOf = (rows: readonly Row[], { rows: typed, cursor }: ComposerRows): Frame['cursor'] => ({
  row: Math.max(0, rows.length - typed.length + cursor.row),
  column: cursor.column,
});
