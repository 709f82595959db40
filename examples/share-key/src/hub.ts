/** A hub that hands one secret key to each member that connects: `node src/hub.ts`, and then `node src/member.ts`. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { HubError, sendKeyToClient } from '@chat/ecdh-hub';

/** What the key is for. An envelope does not open in another context. */
const context = new TextEncoder().encode('share-key example, key 1');
const key = randomBytes(32);

const server = createServer(async (socket) => {
  socket.on('error', (error) => console.error(`a connection failed: ${error.message}`));
  const [publicKey] = await once(createInterface(socket), 'line');
  try {
    const envelope = sendKeyToClient(Buffer.from(String(publicKey), 'hex'), key, context);
    socket.end(`${Buffer.from(envelope).toString('hex')}\n`);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    console.error(`refused: ${error.message} (${error.code})`);
    socket.destroy();
  }
});
server.listen(Number(process.env['PORT'] ?? 8444), '127.0.0.1');
await once(server, 'listening');
const address = server.address();
console.log(`listening on port ${typeof address === 'object' ? address?.port : address}`);
console.log(`SHA-256 of the key: ${createHash('sha256').update(key).digest('hex')}`);
