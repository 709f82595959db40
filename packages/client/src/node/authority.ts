/** Fetches the certificate authority of a server before the client trusts it. The user, or a pin, decides about it. */
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate } from 'node:tls';
import { certificateFingerprint } from '@chat/mini-ca';
import { toBase64url } from '@chat/protocol';
import { ClientError } from '../errors.ts';
import { type Endpoint, openSocket } from './tls-link.ts';

/** The certificate authority of a server. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of the certificate: 64 characters of lower-case hexadecimal. */
  readonly fingerprint: string;
}

/** Returns the last certificate of the chain that the server sent. */
function rootOf(peer: DetailedPeerCertificate): Buffer {
  let certificate = peer;
  while (certificate.issuerCertificate !== undefined && certificate.issuerCertificate !== certificate) {
    certificate = certificate.issuerCertificate;
  }
  return certificate.raw;
}

/**
 * Fetches the certificate of the authority from the enrolment port at `endpoint`. It proves nothing yet: the caller compares the
 * fingerprint, and every later connection is verified against this certificate.
 *
 * @throws ClientError `unreachable`, `not-a-chat-server`
 */
export async function fetchAuthority(endpoint: Endpoint): Promise<Authority> {
  // Not verified on purpose: the result is what later connections are verified against.
  const socket = await openSocket(endpoint, { rejectUnauthorized: false });
  const raw = rootOf(socket.getPeerCertificate(true));
  // Ended in order, after what the server sends: a reset would look like a failed handshake in the server's log.
  socket.on('error', () => undefined);
  socket.resume();
  socket.end();
  const authority = new X509Certificate(raw);
  if (!authority.ca || !authority.verify(authority.publicKey)) {
    throw new ClientError(
      'not-a-chat-server',
      `The server at ${endpoint.host}:${endpoint.port} does not show a certificate authority of its own: check host and port.`,
    );
  }
  const certificate = authority.toString();
  return { certificate, fingerprint: certificateFingerprint(certificate) };
}

/** Returns the authority's SubjectPublicKeyInfo in base64url. */
export const authorityKey = ({ certificate }: Authority): string =>
  toBase64url(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }));
