/** Opens links over node:tls: TLS 1.3, the server verified against its pinned authority, the post-quantum hybrid group first. */
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { channelBinding, serverName, toBase64url } from '@chat/protocol';
import type { Link, TlsIdentity } from '../connection/transport.ts';
import { type ConnectionPhase, tlsFailure } from './tls-failure.ts';

/** The limit for TCP and TLS together. */
const connectTimeoutMs = 10_000;

/** The address of a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Returns the options of every connection. */
function tlsOptions({ host, port }: Endpoint): ConnectionOptions {
  return {
    host,
    port,
    servername: serverName,
    minVersion: 'TLSv1.3',
    ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
  };
}

/** Connects; resolves after the handshake. Rejects with the error of `tlsFailure`. */
export function openSocket(endpoint: Endpoint, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...tlsOptions(endpoint), ...options });
    let phase: ConnectionPhase = 'connecting';
    const fail = (cause: NodeJS.ErrnoException) => {
      socket.destroy();
      reject(tlsFailure(cause, { ...endpoint, phase }));
    };
    socket.once('connect', () => {
      phase = 'handshake';
    });
    socket.setTimeout(connectTimeoutMs, () => fail(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })));
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      socket.setTimeout(0);
      socket.off('error', fail);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

/** What a connection to a server is verified against. */
export interface PinnedServer {
  readonly serverId: string;
  /** The certificate of the pinned authority, PEM. */
  readonly certificate: string;
}

/** Opens a link; with `identity` over mutual TLS. */
export async function openLink(endpoint: Endpoint, server: PinnedServer, identity?: TlsIdentity): Promise<Link> {
  const socket = await openSocket(endpoint, {
    ca: server.certificate,
    ...(identity === undefined ? {} : { key: identity.privateKey, cert: identity.certificate }),
  });
  return linkOver(socket, endpoint, server.serverId);
}

/** Returns the link over a socket after its handshake. */
export function linkOver(socket: TLSSocket, endpoint: Endpoint, serverId: string): Link {
  const channel = socket.exportKeyingMaterial(channelBinding.bytes, channelBinding.label, Buffer.alloc(0));
  let failure: NodeJS.ErrnoException | null = null;
  socket.on('error', (error) => {
    failure = error;
  });
  return {
    channel: toBase64url(channel),
    serverId,
    send: (bytes) => void socket.write(bytes),
    receive(data, closed) {
      socket.on('data', (chunk: Buffer) => {
        // One chunk in each turn of the event loop. Node would pass on everything at once, and a backlog would block the process.
        socket.pause();
        setImmediate(() => socket.resume());
        data(chunk);
      });
      socket.once('close', () => closed(failure === null ? null : tlsFailure(failure, { ...endpoint, phase: 'open' })));
      if (socket.destroyed) closed(failure);
    },
    close: () => void socket.end(() => socket.destroySoon()),
  };
}
