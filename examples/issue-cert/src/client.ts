/** Connects to the server with a user's certificate: `node src/client.ts alice`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { connect } from 'node:tls';

const user = process.argv[2] ?? 'alice';
const file = (name: string) => readFileSync(join(process.env['CA_FOLDER'] ?? 'pki', name));

const socket = connect({
  cert: file(`${user}.pem`),
  key: file(`${user}.key`),
  ca: file('ca.pem'),
  host: 'localhost',
  port: Number(process.env['PORT'] ?? 8443),
});
await pipeline(socket, process.stdout, { end: false });
