/**
 * The members who ask this client for a key. A request waits until everything before it was read, but not while this client lacks the
 * key itself: it reads nothing until it has asked others, and they may be waiting for its answer.
 */
import { limits, type RoomId, type UserName } from '@chat/protocol';
import type { ClientContext } from '../context.ts';
import { explain, isDisconnection } from '../errors.ts';
import { type AskedKey, denyKey } from './key-answer.ts';

/** The members of one room who ask for keys. */
export class KeyAskers {
  readonly #context: Pick<ClientContext, 'request' | 'emit'>;
  readonly #room: { readonly roomId: RoomId };
  readonly #waiting = new Set<AskedKey>();
  /** The epoch whose key this client is asking others for; null while it asks for none. */
  #lacking: number | null = null;
  /** The members whom this client has denied the key: each once, and no more than a room has members. */
  readonly #denied = new Set<UserName>();

  constructor(context: Pick<ClientContext, 'request' | 'emit'>, room: { readonly roomId: RoomId }) {
    this.#context = context;
    this.#room = room;
  }

  /**
   * Takes a request. Denies it at once while this client lacks the key too.
   *
   * @returns a function that takes the request out, and returns false if it was denied meanwhile
   */
  asked(request: AskedKey): () => boolean {
    if (request.epochNumber === this.#lacking) this.#deny(request);
    else this.#waiting.add(request);
    return () => this.#waiting.delete(request);
  }

  /** To be called when this client begins to ask others for the key of an epoch. */
  begin(epochNumber: number): void {
    this.#lacking = epochNumber;
    this.#denied.clear();
    for (const request of this.#waiting) {
      if (request.epochNumber === epochNumber && this.#waiting.delete(request)) this.#deny(request);
    }
  }

  /** To be called when it has asked them. */
  end(): void {
    this.#lacking = null;
  }

  /** To be called when the connection is lost: no member waits for an answer any more. */
  disconnected(): void {
    this.#waiting.clear();
    this.end();
  }

  #deny(request: AskedKey): void {
    if (this.#denied.has(request.user) || this.#denied.size >= limits.roomMembers) return;
    this.#denied.add(request.user);
    denyKey(this.#context, this.#room.roomId, request).catch((error: unknown) => {
      if (!isDisconnection(error)) this.#context.emit({ kind: 'trouble', ...explain(error) });
    });
  }
}
