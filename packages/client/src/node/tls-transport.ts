/** A `Transport` over node:tls, with TLS keys from `@chat/mini-ca`. */
import { createCertRequest, createKeyPair, privateKeyToPem, renewalWindow } from '@chat/mini-ca';
import type { Transport } from '../connection/transport.ts';
import type { Authority } from './authority.ts';
import { type Endpoint, openLink } from './tls-link.ts';

/** Creates a transport to the server at this enrolment port. */
export function createTlsTransport(enrolment: Endpoint, authority: Authority): Transport {
  return {
    openEnrolment: (identity) => openLink(enrolment, authority, identity),
    openChat: (port, identity) => openLink({ host: enrolment.host, port }, authority, identity),
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
