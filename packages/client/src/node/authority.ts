/** What certificate authority a server shows, before anything is trusted: for a person, or a pin, to judge. */
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate } from 'node:tls';
import { certificateFingerprint } from '@chat/mini-ca';
import { toBase64url } from '@chat/protocol';
import { ClientError } from '../errors.ts';
import { type Endpoint, openSocket } from './tls-link.ts';

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of the certificate, 64 hex characters. */
  readonly fingerprint: string;
}

/** The last certificate of the chain that the server sent. */
function rootOf(peer: DetailedPeerCertificate): Buffer {
  let certificate = peer;
  while (certificate.issuerCertificate !== undefined && certificate.issuerCertificate !== certificate) {
    certificate = certificate.issuerCertificate;
  }
  return certificate.raw;
}

/**
 * Asks the enrolment port at `endpoint` for its authority's certificate. Nothing is sent, and nothing proven yet: the
 * caller compares the fingerprint, and every later connection is verified against this certificate.
 */
export async function fetchAuthority(endpoint: Endpoint): Promise<Authority> {
  // Not verified here on purpose: this is the question what there is to verify against.
  const socket = await openSocket(endpoint, { rejectUnauthorized: false });
  const raw = rootOf(socket.getPeerCertificate(true));
  socket.destroy();
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

/** Its key's SubjectPublicKeyInfo, base64url. */
export const authorityKey = ({ certificate }: Authority): string =>
  toBase64url(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }));
