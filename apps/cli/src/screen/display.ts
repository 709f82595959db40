/** Where a conversation is shown: line by line, or on a full screen. */
import type { ClientEvent, MessageView } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import type { EnteredTexts } from './entered-texts.ts';
import type { Palette } from './palette.ts';

/** A room that the user has entered. */
export interface EnteredRoom extends EnteredTexts {
  readonly roomName: RoomName;
  /** The latest messages, each with the text that line mode prints; none if the room was the current one already. */
  readonly messages: readonly EnteredMessage[];
}

/** A message of a room that the user has entered. */
export interface EnteredMessage {
  readonly message: MessageView;
  readonly text: string;
  /** The text of the line before it, which is the first unread one. Default: none. */
  readonly rule?: string;
}

/** Returns the line with this text before the first unread message. */
export const ruleLine = (text: string): string => `── ${text} ──`;

/** A place that shows one conversation. All texts are safe to print. */
export interface Display {
  /** The width of what is printed. A wider line is continued in further rows. */
  readonly columns: number;
  /** Shows a text of this program, such as the answer to a command. */
  print(text: string): void;
  /** Shows an event, with the text that line mode prints for it; null if line mode prints nothing, or only when the user enters the room. */
  event(event: ClientEvent, text: string | null): void;
  /** Shows a line before the message of the current room that follows: it is the first unread one. */
  rule(text: string): void;
  /** Shows a room that has become the current one. */
  entered(room: EnteredRoom): void;
  /** Called when the current room has changed; null when there is none any more. */
  moved(roomName: RoomName | null): void;
}

/** Options of `LineDisplay`. */
export interface LineDisplayOptions {
  readonly palette: Palette;
  /** True for a place where lines are read by programs. Default: false. */
  readonly plain?: boolean;
  /** Returns the width of the terminal. */
  columns(): number;
  print(text: string): void;
  /** Called when the current room has changed. */
  moved(): void;
}

/** Prints a conversation line by line. */
export class LineDisplay implements Display {
  readonly #options: LineDisplayOptions;

  constructor(options: LineDisplayOptions) {
    this.#options = options;
  }

  get columns(): number {
    return this.#options.columns();
  }

  print(text: string): void {
    this.#options.print(text);
  }

  event(_: ClientEvent, text: string | null): void {
    if (text !== null) this.print(text);
  }

  rule(text: string): void {
    const { palette, plain = false } = this.#options;
    this.print(palette.quiet(plain ? `${text}:` : ruleLine(text)));
  }

  entered({ heading, messages, remarks }: EnteredRoom): void {
    for (const text of heading) this.print(text);
    for (const { text, rule } of messages) {
      if (rule !== undefined) this.rule(rule);
      this.print(text);
    }
    for (const text of remarks) this.print(text);
  }

  moved(): void {
    this.#options.moved();
  }
}
