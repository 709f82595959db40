/**
 * The server's side of TLS: 1.3 only (RFC 8446), a post-quantum hybrid group first, and no session tickets: a resumed
 * session would skip the client's certificate, which may have expired since.
 */
import { constants, type X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { SecureContextOptions, TLSSocket, TlsOptions } from 'node:tls';
import { channelBinding, toBase64url } from '@chat/protocol';
import type { TlsIdentity } from '../identity/certificates.ts';

/**
 * The context of both ports. The CA's certificate is in the chain: a client that only has its fingerprint gets it there.
 *
 * @param revoked the list of revoked certificates in PEM
 */
export const secureContext = (identity: TlsIdentity, ca: string, revoked: string): SecureContextOptions => ({
  cert: `${identity.certificate.pem.trimEnd()}\n${ca.trimEnd()}\n`,
  key: identity.key,
  ca,
  crl: revoked,
  minVersion: 'TLSv1.3',
  ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
  // For TLS 1.3 this leaves tickets that name a session of a cache which is not kept: nothing can be resumed.
  secureOptions: constants.SSL_OP_NO_TICKET,
});

/** Only who has a certificate of this CA comes in, and not with a revoked one. */
export const mutual: TlsOptions = { requestCert: true, rejectUnauthorized: true };

/** The connection's channel binding (RFC 9266) in base64url. */
export const channelOf = (socket: TLSSocket): string =>
  toBase64url(socket.exportKeyingMaterial(channelBinding.bytes, channelBinding.label, Buffer.alloc(0)));

/** The client's certificate as DER. */
export function certificateOf(socket: TLSSocket): Uint8Array {
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  if (certificate === undefined) throw new Error('TLS let a client in that has no certificate.');
  return certificate.raw;
}

/** Where a client comes from, with its port: for the log. */
export function addressOf(socket: TLSSocket): string {
  const { remoteAddress = 'unknown', remotePort = 0 } = socket;
  return isIPv6(remoteAddress) ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}
