/**
 * Frees the certificates that clients send after their own ones.
 *
 * Node (24.21) looks for a client's certificate once the handshake is over, and takes the ones that follow it from OpenSSL's list without
 * freeing them: some 4 kB for the CA's certificate, which OpenSSL sends unasked, and several times the 100 kB that OpenSSL takes for a client that
 * sends more, in each handshake and for as long as the server runs. `getPeerX509Certificate` does the same, `getPeerCertificate` does not.
 */
import type { Server, TLSSocket } from 'node:tls';

/** What Node asks OpenSSL through. */
interface Handle {
  getPeerCertificate(detailed: boolean): object | undefined;
  getPeerX509Certificate(): object | undefined;
}

/** Lets connections of this server look for the client's certificate in the way that leaks nothing. */
export function freeSentChains(server: Server): void {
  // The one event that names a connection before Node looks. It brings keys, which are not read.
  server.on('keylog', (_line, socket: TLSSocket & { readonly _handle?: Handle | null }) => {
    const handle = socket._handle;
    // Node only asks whether there is one.
    if (handle) handle.getPeerX509Certificate = () => handle.getPeerCertificate(false);
  });
}
