/** A TLS server that greets clients by the name in their certificate: `node src/server.ts`, and then `node src/client.ts`. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:tls';

const file = (name: string) => readFileSync(join(process.env['CA_FOLDER'] ?? 'pki', name));

const server = createServer({
  cert: file('localhost.pem'),
  key: file('localhost.key'),
  ca: file('ca.pem'),
  requestCert: true,
  rejectUnauthorized: true,
  minVersion: 'TLSv1.3',
});
server.on('secureConnection', (socket) => {
  socket.on('error', (error) => console.error(`a connection ended: ${error.message}`));
  socket.end(`hello ${socket.getPeerCertificate().subject.CN}\n`);
});
server.on('tlsClientError', (error) => console.error(`refused: ${error.message}`));
server.listen(Number(process.env['PORT'] ?? 8443), 'localhost');
await once(server, 'listening');
const address = server.address();
console.log(`listening on port ${typeof address === 'object' ? address?.port : address}`);
