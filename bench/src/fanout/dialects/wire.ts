/** TLS connections of the load generator. Their bytes go through one buffer, so that reading costs little. */
import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { serverName } from '@chat/protocol';
import { userAt, type World } from '../world.ts';
import type { Target } from './dialect.ts';

/** A TLS connection. */
export interface Wire {
  readonly socket: TLSSocket;
  /** Called with each part that comes. The bytes are valid during the call only. */
  onBytes: (bytes: Buffer) => void;
  /** Called once when the connection ends. */
  onEnd: (error: Error) => void;
}

const readBuffer = Buffer.allocUnsafe(256 * 1024);
const contexts = new WeakMap<World, Map<number, SecureContext>>();

/** The addresses on the loopback interface from which connections come, so that no quota of an address is used up. */
const addressOf = (index: number): string => `127.0.0.${2 + (index % 200)}`;

function contextOf(world: World, index: number): SecureContext {
  const known = contexts.get(world) ?? new Map<number, SecureContext>();
  contexts.set(world, known);
  const { certificate: cert } = userAt(world, index);
  const context =
    known.get(index) ?? createSecureContext({ ca: world.ca, cert, key: world.clientKey, minVersion: 'TLSv1.3' });
  known.set(index, context);
  return context;
}

function wireOf(open: (options: ConnectionOptions) => TLSSocket, options: ConnectionOptions): Promise<Wire> {
  const ignore = (): void => undefined;
  return new Promise((resolve, reject) => {
    let opened = false;
    const socket = open({
      ...options,
      onread: {
        buffer: readBuffer,
        callback: (length: number, buffer: Buffer) => {
          wire.onBytes(buffer.subarray(0, length));
          return true;
        },
      },
    } as ConnectionOptions);
    const wire: Wire = { socket, onBytes: ignore, onEnd: ignore };
    let cause = new Error('The server has ended the connection.');
    socket.setNoDelay(true);
    socket.on('error', (error) => (cause = error));
    socket.once('close', () => (opened ? wire.onEnd(cause) : reject(cause)));
    socket.once('secureConnect', () => {
      opened = true;
      resolve(wire);
    });
  });
}

/** Opens a TLS connection as a user. */
export function openWire({ port, world }: Target, index: number): Promise<Wire> {
  const secureContext = contextOf(world, index);
  const place = { host: '127.0.0.1', port, localAddress: addressOf(index) };
  return wireOf((options) => connect({ ...place, ...options }), { secureContext, servername: serverName });
}

/** Opens a TLS connection to a server that first sends a line in plain text. */
export async function openWireAfterLine({ port, world }: Target, index: number): Promise<Wire> {
  const plain = connectPlain({ host: '127.0.0.1', port, localAddress: addressOf(index) });
  await firstLine(plain);
  const wire = await wireOf((options) => connect({ ...options, socket: plain }), {
    secureContext: contextOf(world, index),
    servername: serverName,
  });
  // Node ignores `onread` above another socket.
  wire.socket.on('data', (bytes: Buffer) => wire.onBytes(bytes));
  return wire;
}

function firstLine(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', () => {
      socket.pause();
      socket.off('error', reject);
      resolve();
    });
  });
}

/** Resolves with the first value that `subscribe` passes on, or rejects when the connection ends. */
export function awaitOn<T>(wire: Wire, subscribe: (resolve: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    wire.onEnd = reject;
    subscribe(resolve);
  });
}
