/**
 * Answers commands on this machine, at a socket that only the server's own system user can reach. A connection carries one
 * request. The server ends a connection that sends anything else, or takes too long.
 */
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { withSocketPath } from '@chat/durable-files';
import { encodeFrame, FrameDecoder, ProtocolError } from '@chat/protocol';
import type { Log } from '@chat/server-core';
import {
  type AdminOperation,
  type AdminRequest,
  type AdminResult,
  adminOperations,
  adminRequest,
} from './admin-operation.ts';

/** The functions that carry out the operations. */
export type Administration = {
  readonly [O in AdminOperation]: (request: AdminRequest<O>) => Promise<AdminResult<O>>;
};

const maxConnections = 8;
/** The longest silence of a connection before its request is complete, and after the answer. */
const idleTimeoutMs = 5_000;

/** Listens at the socket for commands on this machine. */
export class AdminServer {
  readonly #path: string;
  readonly #administration: Administration;
  readonly #log: Log;
  readonly #server: Server;
  /** Connections whose request is not complete. */
  readonly #waiting = new Set<Socket>();
  /** Requests in progress. */
  readonly #working = new Set<Promise<void>>();

  private constructor(path: string, administration: Administration, log: Log) {
    this.#path = path;
    this.#administration = administration;
    this.#log = log;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = maxConnections;
  }

  /**
   * Resolves when the server listens at `path`. Removes the socket of a killed server first.
   *
   * @throws the system's errors
   */
  static async listen(path: string, administration: Administration, log: Log): Promise<AdminServer> {
    const admin = new AdminServer(path, administration, log);
    await rm(path, { force: true });
    await withSocketPath(path, (address) => admin.#listen(address));
    if (process.platform !== 'win32') await chmod(path, 0o600);
    return admin;
  }

  /** Accepts no more requests. Resolves when all requests in progress are answered. */
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
    this.#server.on('error', (error) => this.#log.error({ service: 'admin', error }, 'the listener failed'));
  }

  #accept(socket: Socket): void {
    const decoder = new FrameDecoder();
    this.#waiting.add(socket);
    socket.setTimeout(idleTimeoutMs, () => socket.destroy());
    socket.on('error', (error) => this.#log.debug({ service: 'admin', error }, 'a connection failed'));
    socket.once('close', () => this.#waiting.delete(socket));
    socket.on('data', (chunk) => {
      if (!this.#waiting.has(socket)) return;
      try {
        const [frame] = decoder.push(chunk);
        if (frame === undefined) return;
        this.#waiting.delete(socket);
        // Carrying out a request has no time limit.
        socket.setTimeout(0);
        this.#work(socket, frame);
      } catch (error) {
        this.#log.warn({ service: 'admin', error }, 'refused a malformed request');
        socket.destroy();
      }
    });
  }

  #work(socket: Socket, frame: object): void {
    const working = this.#answer(frame).then((answer) => {
      socket.end(answer);
      socket.setTimeout(idleTimeoutMs);
      this.#working.delete(working);
    });
    this.#working.add(working);
  }

  async #answer(frame: object): Promise<Uint8Array> {
    try {
      return encodeFrame({ ok: await this.#carryOut(frame) });
    } catch (error) {
      if (error instanceof ProtocolError) return encodeFrame({ error: { code: error.code, message: error.message } });
      this.#log.error({ service: 'admin', error }, 'a request failed');
      const message = 'The server could not finish the request and has logged the reason: run the command again.';
      return encodeFrame({ error: { code: 'internal', message } });
    }
  }

  #carryOut(frame: object): Promise<object> {
    const head = adminRequest.safeParse(frame);
    if (!head.success) throw unknownRequest();
    const { op, ...fields } = head.data;
    return this.#perform(op, fields);
  }

  #perform<O extends AdminOperation>(op: O, fields: object): Promise<AdminResult<O>> {
    const request = adminOperations[op].request.safeParse(fields);
    if (!request.success) throw unknownRequest();
    return this.#administration[op](request.data as AdminRequest<O>);
  }
}

const unknownRequest = (): ProtocolError =>
  new ProtocolError(
    'malformed-request',
    'The server does not know this request: use the chat-server command of the version that runs.',
  );
