/**
 * Answers the commands on this machine, at a socket that only the server's own user gets to. A connection is for one
 * request: whoever asks for more, for too long, or for something else is cut.
 */
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { encodeFrame, FrameDecoder, ProtocolError } from '@chat/protocol';
import type { Log } from '@chat/server-core';
import {
  type AdminOperation,
  type AdminRequest,
  type AdminResult,
  adminOperations,
  adminRequest,
} from './admin-operation.ts';
import { withSocketPath } from './socket-path.ts';

export type Administration = {
  readonly [O in AdminOperation]: (request: AdminRequest<O>) => Promise<AdminResult<O>>;
};

/** Connections at a time. */
const connections = 8;
/** Milliseconds from the connection to the whole of its request, and from the answer to the end. */
const patience = 5_000;

export class AdminServer {
  readonly #path: string;
  readonly #administration: Administration;
  readonly #log: Log;
  readonly #server: Server;
  readonly #waiting = new Set<Socket>();
  readonly #working = new Set<Promise<void>>();

  private constructor(path: string, administration: Administration, log: Log) {
    this.#path = path;
    this.#administration = administration;
    this.#log = log;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = connections;
  }

  /** Resolves when it listens at `path`; what a server that was killed has left there is taken away. The system's errors. */
  static async listen(path: string, administration: Administration, log: Log): Promise<AdminServer> {
    const admin = new AdminServer(path, administration, log);
    await rm(path, { force: true });
    await withSocketPath(path, (address) => admin.#listen(address));
    if (process.platform !== 'win32') await chmod(path, 0o600);
    return admin;
  }

  /** Takes no more requests; resolves when those that came are answered. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#waiting) socket.destroy();
    await Promise.all(this.#working);
    await closed;
    await rm(this.#path, { force: true });
  }

  async #listen(address: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(address, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#server.on('error', (error) => this.#log.error({ service: 'admin', error }, 'listener'));
  }

  #accept(socket: Socket): void {
    const decoder = new FrameDecoder();
    this.#waiting.add(socket);
    socket.setTimeout(patience, () => socket.destroy());
    socket.on('error', (error) => this.#log.debug({ service: 'admin', error }, 'connection failed'));
    socket.once('close', () => this.#waiting.delete(socket));
    socket.on('data', (chunk) => {
      if (!this.#waiting.has(socket)) return;
      try {
        const [frame] = decoder.push(chunk);
        if (frame === undefined) return;
        this.#waiting.delete(socket);
        // What was asked for takes as long as it takes.
        socket.setTimeout(0);
        this.#work(socket, frame);
      } catch (error) {
        this.#log.warn({ service: 'admin', error }, 'not a request');
        socket.destroy();
      }
    });
  }

  #work(socket: Socket, frame: object): void {
    const working = this.#answer(frame).then((answer) => {
      socket.end(answer);
      socket.setTimeout(patience);
      this.#working.delete(working);
    });
    this.#working.add(working);
  }

  async #answer(frame: object): Promise<Uint8Array> {
    try {
      return encodeFrame({ ok: await this.#carryOut(frame) });
    } catch (error) {
      if (error instanceof ProtocolError) return encodeFrame({ error: { code: error.code, message: error.message } });
      this.#log.error({ service: 'admin', error }, 'request failed');
      const message = 'The server could not finish this and has logged why: run the command again.';
      return encodeFrame({ error: { code: 'internal', message } });
    }
  }

  #carryOut(frame: object): Promise<object> {
    const head = adminRequest.safeParse(frame);
    if (!head.success) throw unknown();
    const { op, ...fields } = head.data;
    return this.#perform(op, fields);
  }

  #perform<O extends AdminOperation>(op: O, fields: object): Promise<AdminResult<O>> {
    const request = adminOperations[op].request.safeParse(fields);
    if (!request.success) throw unknown();
    return this.#administration[op](request.data as AdminRequest<O>);
  }
}

const unknown = (): ProtocolError =>
  new ProtocolError('malformed-request', 'The server does not know this request: use the command of its own version.');
