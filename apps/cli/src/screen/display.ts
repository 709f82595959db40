/** Where a conversation is shown: line by line, or on a full screen. */
import type { ClientEvent, MessageView } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import type { EnteredTexts } from './entered-texts.ts';

/** A room that the user has entered. */
export interface EnteredRoom extends EnteredTexts {
  readonly roomName: RoomName;
  /** The latest messages, each with the text that line mode prints; none if the room was the current one already. */
  readonly messages: readonly { readonly message: MessageView; readonly text: string }[];
}

/** A place that shows one conversation. All texts are safe to print. */
export interface Display {
  /** Shows a text of this program, such as the answer to a command. */
  print(text: string): void;
  /** Shows an event, with the text that line mode prints for it; null if line mode prints nothing, or only when the user enters the room. */
  event(event: ClientEvent, text: string | null): void;
  /** Shows a room that has become the current one. */
  entered(room: EnteredRoom): void;
  /** Called when the current room has changed; null when there is none any more. */
  moved(roomName: RoomName | null): void;
}

/** Options of `LineDisplay`. */
export interface LineDisplayOptions {
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

  print(text: string): void {
    this.#options.print(text);
  }

  event(_: ClientEvent, text: string | null): void {
    if (text !== null) this.print(text);
  }

  entered({ heading, messages, remarks }: EnteredRoom): void {
    for (const text of [...heading, ...messages.map(({ text }) => text), ...remarks]) this.print(text);
  }

  moved(): void {
    this.#options.moved();
  }
}
