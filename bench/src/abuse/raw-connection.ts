/** Connections as an attacker opens them: without the patience of a client, from eight addresses of the loopback interface each. */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import {
  channelBinding,
  encodeFrame,
  FrameDecoder,
  loginStatement,
  protocolVersion,
  serverName,
  toBase64url,
} from '@chat/protocol';
import type { Signer } from '@chat/signatures';
import type { Attacker, Target } from './attack.ts';

/** Number of bytes that an attacker queues in its own process. */
const maxQueuedBytes = 64 * 1024;

/** Keeps `count` connections busy: each is opened again a moment after it has ended. */
export function keepOpen(count: number, open: (index: number) => Socket): void {
  for (let index = 0; index < count; index += 1) {
    const again = (): void => {
      open(index)
        .on('error', () => undefined)
        .once('close', () => setTimeout(again, 20));
    };
    again();
  }
}

const addressOf = ({ network }: Target, index: number): string => `127.0.${network}.${2 + (index % 8)}`;

/** Opens a TCP connection. */
export const openPlain = (target: Target, port: number, index: number): Socket =>
  connectPlain({ host: '127.0.0.1', port, localAddress: addressOf(target, index) });

/** Opens a TLS connection, with the certificate of the attacker if there is one. */
export function openSecure(target: Target, port: number, index: number, attacker?: Attacker): TLSSocket {
  const own = attacker === undefined ? {} : { cert: attacker.certificate, key: attacker.tlsKey };
  return connect({ socket: openPlain(target, port, index), ca: target.ca, ...own, servername: serverName });
}

/** What a statement on this connection is bound to. */
export interface Place {
  readonly serverId: string;
  readonly nonce: string;
  readonly channel: string;
}

/** Calls `greeted` with the server's challenge. Drops everything else that arrives. */
export function onGreeting(target: Target, socket: TLSSocket, greeted: (place: Place) => void): void {
  socket.once('data', (chunk: Buffer) => {
    const [greeting] = new FrameDecoder().push(chunk);
    const nonce = greeting?.['nonce'] as string | undefined;
    if (nonce === undefined) return;
    const channel = socket.exportKeyingMaterial(channelBinding.bytes, channelBinding.label, Buffer.alloc(0));
    socket.resume();
    greeted({ serverId: target.caFingerprint, nonce, channel: toBase64url(channel) });
  });
}

/** Sends a request. */
export const sendRequest = (socket: TLSSocket, op: string, fields: object): void =>
  void socket.write(encodeFrame({ id: 1, op, ...fields }));

/** Logs in with this key, then calls `ready`. */
export function login(options: {
  readonly target: Target;
  readonly attacker: Attacker;
  readonly socket: TLSSocket;
  readonly key: Signer;
  readonly ready: () => void;
}): void {
  const { target, attacker, socket, key, ready } = options;
  onGreeting(target, socket, (place) => {
    const { domain, data } = loginStatement(place, attacker.user);
    const signature = toBase64url(key.sign(domain, data));
    sendRequest(socket, 'login', { version: protocolVersion, user: attacker.user, signature });
    ready();
  });
}

/** Writes request after request, as fast as the connection takes them, and at most 20 in 10 ms. */
export function writeOn(socket: TLSSocket, next: () => void): void {
  const timer = setInterval(() => {
    for (let written = 0; written < 20 && socket.writableLength < maxQueuedBytes; written += 1) next();
  }, 10);
  socket.once('close', () => clearInterval(timer));
}
