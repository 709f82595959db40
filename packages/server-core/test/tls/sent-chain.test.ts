/** What the certificates take from the server that a client sends after its own: nothing, once the connection is over. */
import { once } from 'node:events';
import { connect, createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { testListener } from '../support/test-listener.ts';
import { authority, certificateFor } from '../support/test-server.ts';

test('a client that sends a hundred certificates in each of a hundred handshakes leaks none of them', async () => {
  const shown: unknown[] = [];
  const { listener, port } = await testListener(
    ({ certificate, proved }) => {
      shown.push(certificate?.names);
      proved();
    },
    { requiresCertificate: true },
  );
  const identity = { user: 'alice', fingerprint: 'ab'.repeat(32) };
  const { certificate, key } = certificateFor(identity);
  const secureContext = createSecureContext({ key, cert: certificate + authority.certificate.repeat(100) });
  const shakeHands = async (times: number): Promise<void> => {
    for (let count = 0; count < times; count++) {
      await once(connect({ host: '127.0.0.1', port, secureContext, rejectUnauthorized: false }).resume(), 'close');
    }
  };

  await shakeHands(20);
  const before = process.memoryUsage.rss();
  await shakeHands(100);
  // Without what frees them it is nearly 1 MB for each handshake.
  expect(process.memoryUsage.rss() - before).toBeLessThan(15e6);
  expect(shown).toEqual(new Array(120).fill(identity));
  await listener.close();
});
