/**
 * TLS settings of the server: TLS 1.3 only (RFC 8446), a post-quantum hybrid group first, and no session resumption, because a
 * resumed session would skip the check of the client's certificate, which may have expired since.
 */
import { constants, X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import { channelBinding, toBase64url } from '@chat/protocol';
import type { AuthorityHistory } from '../identity/authority-history.ts';
import type { TlsIdentity } from '../identity/certificates.ts';

/** The certificates of CAs that TLS needs, PEM. */
export interface AuthorityChain {
  /** What the server sends after its own certificate. */
  readonly sent: readonly string[];
  /** The CAs whose client certificates the server accepts. */
  readonly trusted: readonly string[];
}

/**
 * Returns what the server sends and accepts. The last certificate that it sends is that of a CA, for clients that only have its
 * fingerprint. Certificates by the CA before are accepted, because they are valid for a day after the switch. A login accepts
 * none but those that this server has issued last.
 *
 * @param roots the CAs up to the present one, oldest first
 */
export function chainOf(present: string, roots: readonly string[], { crossed }: AuthorityHistory): AuthorityChain {
  if (crossed.length === 0) return { sent: [present], trusted: [present] };
  const oldest = roots.at(-1 - crossed.length) ?? present;
  return { sent: [...crossed, oldest], trusted: roots.slice(-2) };
}

/**
 * Returns the context of both ports. The revocation list is no part of it: OpenSSL would verify the list's signature anew for each
 * client, which takes as long as all other work of a handshake.
 */
export const secureContext = (identity: TlsIdentity, { sent, trusted }: AuthorityChain): SecureContextOptions => ({
  cert: [identity.certificate.pem, ...sent].map((pem) => `${pem.trimEnd()}\n`).join(''),
  key: identity.key,
  ca: [...trusted],
  minVersion: 'TLSv1.3',
  ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
  // With TLS 1.3 OpenSSL still sends tickets, but they name sessions of a cache that does not exist: none can be resumed.
  secureOptions: constants.SSL_OP_NO_TICKET,
});

/** Returns the connection's channel binding (RFC 9266) in base64url. */
export const channelOf = (socket: TLSSocket): string =>
  toBase64url(socket.exportKeyingMaterial(channelBinding.bytes, channelBinding.label, Buffer.alloc(0)));

/** Returns the client's certificate; null when TLS has not verified one. `getPeerX509Certificate` would leak memory (`sent-chain.ts`). */
export const certificateOf = (socket: TLSSocket): X509Certificate | null =>
  socket.authorized ? new X509Certificate(socket.getPeerCertificate().raw) : null;

/** Returns the client's address and port, for the log. */
export function addressOf(socket: TLSSocket): string {
  const { remoteAddress = 'unknown', remotePort = 0 } = socket;
  return isIPv6(remoteAddress) ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}
