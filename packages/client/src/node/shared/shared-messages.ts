/** The messages that the client of a shared profile keeps. */
import type { Retention } from '@chat/message-store';
import type { RoomName } from '@chat/protocol';
import type {
  MessageHit,
  MessageHits,
  MessagePageOptions,
  MessageSearchOptions,
  Place,
} from '../../messages/client-messages.ts';
import type { MessageView } from '../../view.ts';
import type { CallMethod } from './local-methods.ts';
import { isTooLong, messageTooLong, newMessage } from './new-message.ts';

/** The methods of `ClientMessages`. They do, and throw, what those do; all of them answer later. */
export class SharedMessages {
  readonly #call: CallMethod;
  readonly #areDamaged: () => boolean;

  constructor(call: CallMethod, areDamaged: () => boolean) {
    this.#call = call;
    this.#areDamaged = areDamaged;
  }

  /** As of the client of `ChatClient`. What one program that had the profile has found stays true when another one has it. */
  get areDamaged(): boolean {
    return this.#areDamaged();
  }

  page(roomName: RoomName, options: MessagePageOptions = {}): Promise<readonly MessageView[]> {
    return this.#call('messages.page', [roomName, options]);
  }

  around({ roomId, seq }: Pick<MessageHit, 'roomId' | 'seq'>, count?: number): Promise<readonly MessageView[]> {
    return this.#call('messages.around', count === undefined ? [{ roomId, seq }] : [{ roomId, seq }, count]);
  }

  search(options: MessageSearchOptions): Promise<MessageHits> {
    return this.#call('messages.search', [options]);
  }

  /** As `ClientMessages.edit`. It is one message, whatever becomes of the programs that pass it on; so are the next three. */
  edit(roomName: RoomName, seq: number, text: string): Promise<Place> {
    if (isTooLong(text)) return Promise.reject(messageTooLong());
    return this.#call('messages.edit', [roomName, seq, text, newMessage()]);
  }

  delete(roomName: RoomName, seq: number): Promise<Place> {
    return this.#call('messages.delete', [roomName, seq, newMessage()]);
  }

  react(roomName: RoomName, seq: number, reaction: string | null): Promise<Place> {
    if (reaction !== null && isTooLong(reaction)) return Promise.reject(messageTooLong());
    return this.#call('messages.react', [roomName, seq, reaction, newMessage()]);
  }

  hide(roomName: RoomName, seq: number): Promise<Place> {
    return this.#call('messages.hide', [roomName, seq, newMessage()]);
  }

  retention(roomName?: RoomName): Promise<Retention> {
    return this.#call('messages.retention', roomName === undefined ? [] : [roomName]);
  }

  hasOwnRetention(roomName: RoomName): Promise<boolean> {
    return this.#call('messages.hasOwnRetention', [roomName]);
  }

  /**
   * Sets a rule like `ClientMessages.setRetention`, and waits like `settled`: the program that has the profile may end before it has stored the rule.
   *
   * @throws also ClientError `not-erased`, `not-stored`
   */
  setRetention(keep: Retention | null, roomName?: RoomName): Promise<void> {
    return this.#call('messages.setRetention', roomName === undefined ? [keep] : [keep, roomName]);
  }

  settled(): Promise<void> {
    return this.#call('messages.settled', []);
  }
}
