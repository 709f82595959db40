/** What the certificates take from the server that a client sends after its own: nothing, once the connection is over. */
import { once } from 'node:events';
import { connect, createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { ClientCertificates } from '../../src/identity/certificate-names.ts';
import { defaultLimits } from '../../src/limits.ts';
import { HandshakeTurns } from '../../src/tls/handshake-turns.ts';
import { Listener } from '../../src/tls/listener.ts';
import { authority, certificateFor } from '../support/test-server.ts';

const note = (): void => {};

test('a client that sends a hundred certificates in each of a hundred handshakes leaks none of them', async () => {
  const shown: unknown[] = [];
  // The client trusts no server here, and the server shows the CA's own certificate.
  const listener = new Listener({
    service: 'chat',
    tls: {
      key: authority.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: authority.certificate,
      ca: authority.certificate,
    },
    requiresCertificate: true,
    certificates: new ClientCertificates(),
    isRevoked: () => false,
    maxUnproven: 9,
    maxUnprovenPerHost: 9,
    maxSockets: 9,
    turns: new HandshakeTurns(),
    limits: defaultLimits,
    clock: Date.now,
    accept: ({ socket, certificate, proved }) => {
      shown.push(certificate?.names);
      proved();
      socket.end();
      return { endAsFull: note };
    },
    log: { debug: note, info: note, warn: note, error: note },
  });
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
  const identity = { user: 'alice', fingerprint: 'ab'.repeat(32) };
  const { certificate, key } = certificateFor(identity);
  const cert = certificate + authority.certificate.repeat(100);
  const secureContext = createSecureContext({ key, cert });
  const shakeHands = async (times: number): Promise<void> => {
    for (let count = 0; count < times; count++) {
      await once(connect({ host: '127.0.0.1', port, secureContext, rejectUnauthorized: false }).resume(), 'close');
    }
  };

  await shakeHands(20);
  const before = process.memoryUsage.rss();
  await shakeHands(100);
  // 100 handshakes with 100 certificates of some 4 kB each would be 40 MB.
  expect(process.memoryUsage.rss() - before).toBeLessThan(15e6);
  expect(shown).toEqual(new Array(120).fill(identity));
  await listener.close();
});
