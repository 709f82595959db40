/**
 * A socket as frames, in both directions.
 *
 * - `send` and `write` MUST NOT be awaited for: they queue, and never throw.
 * - The queue has a bound. A reader who lets it fill up is cut with `limit-reached`, and reads on from the log later.
 * - Whoever sends much on purpose SHOULD await `drained` between parts.
 * - After `bye` nothing more is sent, and nothing that comes in is looked at.
 */
import type { Duplex } from 'node:stream';
import { type ErrorCode, encodeFrame, FrameDecoder, ProtocolError } from '@chat/protocol';
import type { Sink } from './broadcast.ts';
import { wireErrorOf } from './wire-error.ts';

/** Sees the bytes of every frame that passes: `in` from the client, `out` to it. Called before anything acts on them. */
export type FrameTap = (direction: 'in' | 'out', bytes: Uint8Array) => void;

export interface FrameSocketOptions {
  /** Bytes that may wait to be read by the peer. */
  readonly queueBytes: number;
  /** Milliseconds from `bye` to the end, for what is still queued. */
  readonly lingerTime: number;
  readonly tap?: FrameTap | undefined;
}

export interface FrameListener {
  /** Bytes came, which may or may not complete frames. */
  received(bytes: number): void;
  frame(frame: Record<string, unknown>): void;
  /** A frame could not be taken, for a reason that nobody foresaw. `bye` is said next. */
  failed(error: unknown): void;
  /** `bye` was said, by whoever. */
  leaving(code: ErrorCode): void;
  /** The connection is gone. Called once, last. */
  closed(): void;
}

export class FrameSocket implements Sink {
  readonly #socket: Duplex;
  readonly #options: FrameSocketOptions;
  readonly #listener: FrameListener;
  readonly #decoder = new FrameDecoder();
  #open = true;
  #linger: NodeJS.Timeout | undefined;

  constructor(socket: Duplex, options: FrameSocketOptions, listener: FrameListener) {
    this.#socket = socket;
    this.#options = options;
    this.#listener = listener;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // A reset is the peer's business; `close` follows.
    socket.on('error', () => {
      this.#open = false;
    });
    socket.once('close', () => {
      this.#open = false;
      clearTimeout(this.#linger);
      listener.closed();
    });
  }

  /** Whether frames still go out. */
  get open(): boolean {
    return this.#open;
  }

  /** Sends one frame. */
  send(frame: object): void {
    if (this.#open) this.write(encodeFrame(frame));
  }

  /** Sends whole frames that are encoded already; the bytes MUST NOT change afterwards. */
  write(frames: Uint8Array): void {
    if (!this.#open) return;
    if (this.#socket.writableLength > this.#options.queueBytes) {
      this.bye('limit-reached', 'You read too slowly and too much is waiting: connect again and read on from the log.');
      return;
    }
    this.#options.tap?.('out', frames);
    this.#socket.write(frames);
  }

  /** Resolves when what was sent is on its way, or the connection is gone. */
  async drained(): Promise<void> {
    if (!this.#open || !this.#socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off('drain', done).off('close', done);
        resolve();
      };
      this.#socket.on('drain', done).on('close', done);
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Says why, sends what is queued, and closes: within the linger time, whether the peer reads it or not. */
  bye(code: ErrorCode, message: string): void {
    this.#leave(code, { push: 'bye', error: wireErrorOf(code, message) });
  }

  /** The same without a word, for a peer who has been answered already. */
  end(code: ErrorCode): void {
    this.#leave(code, null);
  }

  /** Closes at once; what is queued is lost. */
  destroy(): void {
    this.#open = false;
    this.#socket.destroy();
  }

  #leave(code: ErrorCode, last: object | null): void {
    if (!this.#open) return;
    this.#open = false;
    this.#listener.leaving(code);
    if (last !== null) {
      const bytes = encodeFrame(last);
      this.#options.tap?.('out', bytes);
      this.#socket.write(bytes);
    }
    this.#socket.end();
    // What the peer still sends is read and dropped: unread bytes would turn the close into a reset that eats the `bye`.
    this.#socket.resume();
    this.#linger = setTimeout(() => this.#socket.destroy(), this.#options.lingerTime);
  }

  #receive(chunk: Buffer): void {
    if (!this.#open) return;
    this.#options.tap?.('in', chunk);
    this.#listener.received(chunk.length);
    try {
      for (const frame of this.#decoder.push(chunk)) {
        if (!this.#open) return;
        this.#listener.frame(frame);
      }
    } catch (error) {
      if (error instanceof ProtocolError) {
        this.bye(error.code as ErrorCode, error.message);
      } else {
        this.#listener.failed(error);
        this.bye('internal', 'The server failed at what you sent and has logged why: connect again.');
      }
    }
  }
}
