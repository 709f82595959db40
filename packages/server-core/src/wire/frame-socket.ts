/** Sends and receives frames over a socket. */
import type { Duplex } from 'node:stream';
import { type ErrorCode, encodeFrame, FrameDecoder, limits, ProtocolError } from '@chat/protocol';
import type { Sink } from './broadcast.ts';
import { dropLateBytes } from './late-bytes.ts';
import { flushSocketLater } from './turn-end.ts';
import { wireErrorOf } from './wire-error.ts';

/** Observes the bytes of every frame, `in` from the client and `out` to it, before they have any effect. */
export type FrameTap = (direction: 'in' | 'out', bytes: Uint8Array) => void;

/** The limits of a `FrameSocket`. They may change at any time. */
export interface FrameLimits {
  /** Queued bytes at which the client is disconnected. */
  readonly queueBytes: number;
  /** Milliseconds from `bye` until the socket is destroyed, for bytes that are still queued. */
  readonly lingerMs: number;
  /** Milliseconds to the first frame from the client. Then the connection ends with `limit-reached`. */
  readonly firstFrameTimeoutMs: number;
  /** Size of the longest frame from a client that has not logged in. */
  readonly unprovenFrameBytes: number;
}

/** Options of `FrameSocket`. */
export interface FrameSocketOptions {
  readonly limits: FrameLimits;
  readonly tap?: FrameTap | undefined;
}

/** Receives the frames of a socket and learns of its end. */
export interface FrameListener {
  /** Called with the size of each chunk that arrives, before it has any effect. It may end the connection. */
  received(bytes: number): void;
  /** Called with each frame that arrives. */
  frame(frame: Record<string, unknown>): void;
  /** Called when `frame` has thrown an unexpected error. The socket then ends with `internal`. */
  failed(error: unknown): void;
  /** Called once when the server ends the connection. */
  leaving(code: ErrorCode): void;
  /** Called once, last, when the connection is closed. */
  closed(): void;
}

/** At this size the frames of a turn are written at once, so that they stay bounded. */
const maxGatheredBytes = 64 * 1024;

/**
 * A socket that sends and receives frames.
 *
 * - `send` and `write` queue bytes and never throw. What is queued in one turn of the event loop leaves in one write.
 * - The queue is bounded. A client that lets it fill up is disconnected with `limit-reached`, and can read on from the log.
 * - A caller that sends many frames SHOULD await `drained` between parts.
 * - After `bye` nothing more is sent, and incoming bytes are ignored. A client that continues to send is disconnected at once.
 */
export class FrameSocket implements Sink {
  readonly #socket: Duplex;
  readonly #options: FrameSocketOptions;
  readonly #listener: FrameListener;
  readonly #decoder: FrameDecoder;
  #open = true;
  /** Frames of this turn: the first, and those after it. Most turns have one for a reader, which then needs no list. */
  #first: Uint8Array | null = null;
  #others: Uint8Array[] | null = null;
  #gatheredBytes = 0;
  #firstFrameTimer: NodeJS.Timeout | undefined;
  #lingerTimer: NodeJS.Timeout | undefined;

  constructor(socket: Duplex, options: FrameSocketOptions, listener: FrameListener) {
    this.#socket = socket;
    this.#options = options;
    this.#listener = listener;
    this.#decoder = new FrameDecoder(options.limits.unprovenFrameBytes, 0);
    const { firstFrameTimeoutMs } = options.limits;
    this.#firstFrameTimer = setTimeout(
      () => this.bye('limit-reached', `You sent no frame within ${firstFrameTimeoutMs} ms: connect again.`),
      firstFrameTimeoutMs,
    );
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // A reset by the client is no error of the server; `close` follows.
    socket.on('error', () => {
      this.#open = false;
    });
    socket.once('close', () => {
      this.#open = false;
      clearTimeout(this.#firstFrameTimer);
      clearTimeout(this.#lingerTimer);
      listener.closed();
    });
  }

  /** True while frames can be sent. */
  get open(): boolean {
    return this.#open;
  }

  /** Bytes that are queued and not yet with the system. */
  get queuedBytes(): number {
    return this.#socket.writableLength + this.#gatheredBytes;
  }

  /** Accepts frames of every length that the protocol allows from now on. To be called after the login. */
  acceptLongFrames(): void {
    this.#decoder.maxFrameBytes = limits.frameBytes;
  }

  /** Sends one frame. */
  send(frame: object): void {
    if (this.#open) this.write(encodeFrame(frame));
  }

  /** Sends whole frames that are encoded already; the bytes MUST NOT change afterwards. */
  write(frames: Uint8Array): void {
    if (!this.#open) return;
    if (this.queuedBytes > this.#options.limits.queueBytes) {
      this.bye(
        'limit-reached',
        'You read too slowly and too many frames are queued: connect again and read on from the log.',
      );
      return;
    }
    this.#gather(frames);
  }

  /** Writes what was queued in this turn. */
  flush(): void {
    const [first, others, bytes] = [this.#first, this.#others, this.#gatheredBytes];
    if (first === null) return;
    this.#first = null;
    this.#others = null;
    this.#gatheredBytes = 0;
    if (!this.#socket.destroyed) this.#socket.write(others === null ? first : Buffer.concat([first, ...others], bytes));
  }

  /** Resolves when the queue is empty or the connection is closed. */
  async drained(): Promise<void> {
    this.flush();
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

  /** Sends `bye` and what is queued, then closes: after the linger time at the latest, also when the client does not read. */
  bye(code: ErrorCode, message: string): void {
    this.#end(code, { push: 'bye', error: wireErrorOf(code, message) });
  }

  /** Does the same without a `bye`, for a client that has an answer already. */
  end(code: ErrorCode): void {
    this.#end(code, null);
  }

  /** Closes at once. What is queued is lost. */
  destroy(): void {
    this.#open = false;
    this.#socket.destroy();
  }

  #end(code: ErrorCode, lastFrame: object | null): void {
    if (!this.#open) return;
    this.#open = false;
    this.#listener.leaving(code);
    if (lastFrame !== null) {
      this.#gather(encodeFrame(lastFrame));
    }
    this.flush();
    this.#socket.end();
    dropLateBytes(this.#socket);
    this.#lingerTimer = setTimeout(() => this.#socket.destroy(), this.#options.limits.lingerMs);
  }

  #endFirstFrameTimer(): void {
    if (this.#firstFrameTimer === undefined) return;
    clearTimeout(this.#firstFrameTimer);
    this.#firstFrameTimer = undefined;
  }

  #gather(frames: Uint8Array): void {
    this.#options.tap?.('out', frames);
    const isFirst = this.#first === null;
    if (isFirst) this.#first = frames;
    else if (this.#others === null) this.#others = [frames];
    else this.#others.push(frames);
    this.#gatheredBytes += frames.length;
    if (this.#gatheredBytes >= maxGatheredBytes) this.flush();
    else if (isFirst) flushSocketLater(this);
  }

  #receive(chunk: Buffer): void {
    if (!this.#open) return;
    this.#options.tap?.('in', chunk);
    this.#listener.received(chunk.length);
    if (!this.#open) return;
    try {
      this.#decoder.take(chunk);
      for (let frame = this.#decoder.next(); frame !== null; frame = this.#decoder.next()) {
        if (!this.#open) return;
        this.#endFirstFrameTimer();
        this.#listener.frame(frame);
      }
    } catch (error) {
      if (error instanceof ProtocolError) {
        this.bye(error.code as ErrorCode, error.message);
      } else {
        this.#listener.failed(error);
        this.bye('internal', 'The server failed to process a frame and has logged the reason: connect again.');
      }
    }
  }
}
