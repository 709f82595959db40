/** Messages on their way to the log: prints that a message waits, and returns its text when it cannot be sent. */
import type { Scheduler } from '@chat/client';
import { codeOf, type RoomName } from '@chat/protocol';
import { sanitiseLine } from '@chat/safe-text';
import type { Client } from '../client-surface.ts';
import type { Palette } from '../screen/palette.ts';
import { returnedText } from '../screen/returned-text.ts';
import { sentenceFor } from '../text/error-sentence.ts';
import { isDeserted } from '../text/room-policy.ts';
import { titleOf } from '../text/room-title.ts';

/** A message that takes longer than this is reported as waiting. */
const waitingNoticeDelayMs = 1_000;

type SpeakingClient = Pick<Client, 'send' | 'messages' | 'online' | 'refusal' | 'room'>;

/** Hands a message to the client. Resolves when it is on the log. */
export type Say = (client: SpeakingClient) => Promise<unknown>;

/** Options of `Outgoing`. */
export interface OutgoingOptions {
  readonly client: SpeakingClient;
  readonly clock: Scheduler;
  readonly palette: Palette;
  print(text: string): void;
}

/** Sends messages and reports those that are delayed or fail. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #pending = new Set<Promise<void>>();

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** The number of messages on their way. */
  get count(): number {
    return this.#pending.size;
  }

  /**
   * Hands a message to the client. The message is printed when it arrives on the room's log, not here.
   *
   * @param text what is returned to the user if it is not sent; empty for a message without a text
   * @param say hands it over. Default: as a text
   */
  send(roomName: RoomName, text: string, say: Say = (client) => client.send(roomName, text)): void {
    const { clock, client } = this.#options;
    const view = client.room(roomName);
    if (view !== null && isDeserted(view)) {
      this.#returnText('The other user has left this direct room: /msg and their name invites them again.', text);
      return;
    }
    const delivery = say(client);
    const cancel = clock.after(client.online ? waitingNoticeDelayMs : 0, () => {
      const obstacle = this.#obstacle(roomName);
      const why = obstacle === null ? '' : `, ${obstacle}`;
      const line = `(waiting: not sent yet${why}) ${sanitiseLine(text, 60)}`.trimEnd();
      this.#options.print(this.#options.palette.quiet(line));
    });
    const settled = delivery
      .then(cancel, (error: unknown) => {
        cancel();
        this.#failed(error, view === null ? roomName : titleOf(view), text);
      })
      .finally(() => this.#pending.delete(settled));
    this.#pending.add(settled);
  }

  /** Resolves when no message is on its way. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  #obstacle(roomName: RoomName): string | null {
    const { client } = this.#options;
    if (client.refusal !== null) return 'the server refuses your connection';
    if (!client.online) return 'there is no connection';
    const view = client.room(roomName);
    if (view === null) return null;
    if (view.rekeying) return 'the room is changing its key';
    return view.hasKey ? null : 'the room key has not arrived';
  }

  #failed(error: unknown, title: string, text: string): void {
    // A message stays in the outbox when the client closes, and is sent after the next start.
    if (codeOf(error) === 'closed') return;
    this.#returnText(sentenceFor(error, { room: title }), text);
  }

  #returnText(sentence: string, text: string): void {
    this.#options.print(returnedText(this.#options, text, sentence));
  }
}
