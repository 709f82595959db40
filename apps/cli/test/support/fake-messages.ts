/** The messages of a fake client: a list for each room, and a search that goes through all of them. */
import {
  ClientError,
  type MessageHit,
  type MessagePageOptions,
  type MessageSearchOptions,
  type MessageView,
  type Retention,
  type RoomView,
} from '@chat/client';
import type { Client } from '../../src/client-surface.ts';

export class FakeMessages implements Pick<Client['messages'], keyof Client['messages']> {
  areDamaged = false;
  /** The messages that are kept, by room name. */
  readonly kept = new Map<string, readonly MessageView[]>();
  /** The calls of `setRetention` and `settled`. */
  readonly calls: string[] = [];
  /** Why the next `settled` fails. */
  failure: Error | null = null;
  readonly #rules = new Map<string | undefined, Retention>([[undefined, 'all']]);
  readonly #rooms: () => readonly RoomView[];

  constructor(rooms: () => readonly RoomView[]) {
    this.#rooms = rooms;
  }

  page = async (roomName: string, { before = Infinity, limit = 50 }: MessagePageOptions = {}) =>
    (this.kept.get(roomName) ?? []).filter(({ seq }) => seq < before).slice(-limit);

  async around({ roomId, seq }: Pick<MessageHit, 'roomId' | 'seq'>, count = 5) {
    const roomName = this.#rooms().find((room) => room.roomId === roomId)?.roomName ?? '';
    const all = this.kept.get(roomName) ?? [];
    const at = all.findIndex((message) => message.seq === seq);
    return at === -1 ? [] : all.slice(Math.max(0, at - count), at + count + 1);
  }

  async search({ words, roomName, user, before = Infinity, after, limit = 20 }: MessageSearchOptions) {
    const all = this.#rooms()
      .filter((room) => roomName === undefined || room.roomName === roomName)
      .flatMap((room) =>
        (this.kept.get(room.roomName) ?? []).map((message) => ({
          ...message,
          roomId: room.roomId,
          roomName: room.roomName,
        })),
      )
      .filter((message) => words.split(' ').every((word) => message.text.includes(word)))
      .filter((message) => message.at < before && (user === undefined || message.user === user))
      .sort((a, b) => b.at - a.at || b.seq - a.seq);
    const first = after?.seq ?? 0;
    const end = first + limit;
    return { hits: all.slice(first, end), next: end < all.length ? { at: 0, stream: 0, seq: end } : null };
  }

  /** The words about messages that were said. */
  readonly said: string[] = [];

  readonly edit = (roomName: string, seq: number, text: string) => this.#say(`edit ${roomName} ${seq}: ${text}`, seq);
  readonly delete = (roomName: string, seq: number) => this.#say(`delete ${roomName} ${seq}`, seq);
  readonly react = (roomName: string, seq: number, reaction: string | null) =>
    this.#say(`react ${roomName} ${seq}: ${reaction}`, seq);
  readonly hide = (roomName: string, seq: number) => this.#say(`hide ${roomName} ${seq}`, seq);

  async #say(word: string, seq: number): Promise<{ readonly seq: number }> {
    if (seq === 404) throw new ClientError('unknown-message', 'There is no message 404 on this machine.');
    this.said.push(word);
    return { seq: 100 };
  }

  retention(roomName?: string): Retention {
    return this.#rules.get(roomName) ?? this.#rules.get(undefined) ?? 'all';
  }

  hasOwnRetention(roomName: string): boolean {
    return this.#rules.has(roomName);
  }

  setRetention(keep: Retention | null, roomName?: string): void {
    if (roomName !== undefined && !this.#rooms().some((room) => room.roomName === roomName))
      throw new ClientError('not-joined', 'no');
    this.calls.push(`${JSON.stringify(keep)} of ${roomName ?? 'all'}`);
    if (keep === null) this.#rules.delete(roomName);
    else this.#rules.set(roomName, keep);
  }

  async settled(): Promise<void> {
    this.calls.push('settled');
    if (this.failure !== null) throw this.failure;
  }
}
