/** A revoked certificate is refused after the handshake, before the server looks at a byte that the client sends. */
import { connect } from 'node:tls';
import { encodeFrame, serverName } from '@chat/protocol';
import { expect, test } from 'vitest';
import { author, enrol } from '../support/enrolling.ts';
import { TestClient } from '../support/test-client.ts';
import { authority, type Citizen, testServer } from '../support/test-server.ts';

/** Connects and sends a request together with the last message of the handshake. */
function talkAtOnce(port: number, { certificate: cert, key }: Citizen, op: string): TestClient {
  const socket = connect({ host: '127.0.0.1', port, servername: serverName, ca: authority.certificate, cert, key });
  socket.write(encodeFrame({ id: 0, op }));
  return new TestClient(socket);
}

test('nothing that a client with a revoked certificate sends is interpreted, on either port', async () => {
  const seen: string[] = [];
  await using at = await testServer({
    tap: (direction, bytes) => {
      if (direction === 'in') seen.push(Buffer.from(bytes).toString());
    },
  });
  const [alice, bob] = [await enrol(at, author('alice')), await enrol(at, author('bob'))];
  const { chatAddress, enrolmentAddress } = at.server;

  const before = talkAtOnce(chatAddress.port, bob, 'as-bob');
  await before.until(() => seen.some((frame) => frame.includes('as-bob')));
  await at.server.revoke('bob', 'keyCompromise');
  await before.close();
  seen.length = 0;

  const refused = talkAtOnce(chatAddress.port, bob, 'as-bob');
  expect(await refused.ending()).toBe('certificate-refused');
  expect(refused.pushes).toHaveLength(1);
  expect(at.log.lines.filter(({ message }) => message === 'TLS handshake failed').at(-1)?.fields).toMatchObject({
    code: 'CERT_REVOKED',
  });
  expect(seen).toEqual([]);

  // On the enrolment port, where no certificate is required, it counts as none.
  const renewing = talkAtOnce(enrolmentAddress.port, bob, 'as-bob');
  await renewing.first('welcome');
  await renewing.close();
  // The certificates of others stay valid.
  const other = talkAtOnce(chatAddress.port, alice, 'as-alice');
  await other.first('hello');
  await other.close();
});
