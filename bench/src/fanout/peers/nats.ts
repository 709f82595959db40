/** nats-server with mutual TLS, without JetStream: it keeps no message. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type Peer, packageWithout, startProgram, topics } from './peer.ts';

/** The server, for messages of this size. */
export const natsServer = (messageBytes: number): Peer => ({
  name: 'nats-server',
  dialect: 'nats',
  messageBytes,
  missing: packageWithout('nats-server', 'nats-server'),
  async start(setting) {
    const { world, folder } = setting;
    const port = await freePort();
    const file = (name: string): string => join(folder, name);
    await writeFile(file('ca.pem'), world.ca);
    await writeFile(file('server.pem'), world.server.certificate);
    await writeFile(file('server.key'), world.server.key);
    const settings = [
      `listen: 127.0.0.1:${port}`,
      'max_connections: 100000',
      'max_pending: 1GB',
      'write_deadline: "60s"',
      `tls { cert_file: "${file('server.pem')}", key_file: "${file('server.key')}", ca_file: "${file('ca.pem')}", verify: true }`,
      `log_file: "${file('nats.log')}"`,
    ];
    await writeFile(file('nats.conf'), `${settings.join('\n')}\n`);
    return {
      ...(await startProgram(['nats-server', '-c', file('nats.conf')], port)),
      rooms: topics(setting),
      message: '',
    };
  },
});
