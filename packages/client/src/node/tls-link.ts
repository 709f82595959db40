/** A `Link` over node:tls: TLS 1.3, the server proven by its pinned authority, the post-quantum hybrid group first. */
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { channelBinding, serverName, toBase64url } from '@chat/protocol';
import type { Link } from '../connection/link.ts';
import type { TlsIdentity } from '../connection/transport.ts';
import { tlsFailure } from './tls-failure.ts';

/** How long TCP and TLS may take to come up, in ms. */
const connectWithin = 10_000;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Options that every connection has. */
function tlsOptions({ host, port }: Endpoint): ConnectionOptions {
  return {
    host,
    port,
    servername: serverName,
    minVersion: 'TLSv1.3',
    ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
  };
}

/** Connects; resolves after the handshake. Rejects as `tlsFailure` says. */
export function openSocket(endpoint: Endpoint, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...tlsOptions(endpoint), ...options });
    const fail = (cause: NodeJS.ErrnoException) => {
      socket.destroy();
      reject(tlsFailure(cause, endpoint.host, endpoint.port));
    };
    socket.setTimeout(connectWithin, () => fail(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })));
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      socket.setTimeout(0);
      socket.off('error', fail);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

/** @param authority the pinned certificate in PEM, and its fingerprint */
export async function openLink(
  endpoint: Endpoint,
  authority: { readonly certificate: string; readonly fingerprint: string },
  identity?: TlsIdentity,
): Promise<Link> {
  const socket = await openSocket(endpoint, {
    ca: authority.certificate,
    ...(identity === undefined ? {} : { key: identity.privateKey, cert: identity.certificate }),
  });
  const channel = socket.exportKeyingMaterial(channelBinding.bytes, channelBinding.label, Buffer.alloc(0));
  let failure: NodeJS.ErrnoException | null = null;
  socket.on('error', (error) => {
    failure = error;
  });
  return {
    channel: toBase64url(channel),
    authority: authority.fingerprint,
    send: (bytes) => void socket.write(bytes),
    receive(data, closed) {
      socket.on('data', (chunk: Buffer) => {
        // One chunk a turn of the event loop: Node hands over all that has come, and a backlog would hold up everything.
        socket.pause();
        setImmediate(() => socket.resume());
        data(chunk);
      });
      socket.once('close', () => closed(failure === null ? null : tlsFailure(failure, endpoint.host, endpoint.port)));
      if (socket.destroyed) closed(failure);
    },
    close: () => void socket.end(() => socket.destroySoon()),
  };
}
