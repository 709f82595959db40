/** A `Transport` over node:tls, with TLS keys from `@chat/mini-ca`. */
import { createCertRequest, createKeyPair, privateKeyToPem, renewalWindow } from '@chat/mini-ca';
import type { Transport } from '../connection/transport.ts';
import { type Endpoint, openLink, type PinnedServer } from './tls-link.ts';

/**
 * Creates a transport to the server at this enrolment port.
 *
 * @param server each connection is verified against the authority that is pinned then
 */
export function createTlsTransport(enrolment: Endpoint, server: PinnedServer): Transport {
  return {
    openEnrolment: (identity) => openLink(enrolment, server, identity),
    openChat: (port, identity) => openLink({ host: enrolment.host, port }, server, identity),
    newRequest(user) {
      const keys = createKeyPair('ec', 'P-256');
      return {
        privateKey: privateKeyToPem(keys.privateKey),
        request: createCertRequest(keys, { commonName: user }),
      };
    },
    renewalTime: (certificate) => renewalWindow(certificate).at.getTime(),
  };
}
