/** nats-server with mutual TLS, without JetStream: it keeps no message. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type Peer, packageWithout, startProgram, topics, writeCertificates } from './peer.ts';

/** The server, for messages of this size. */
export const natsServer = (messageBytes: number): Peer => ({
  name: 'nats-server',
  dialect: 'nats',
  messageBytes,
  missing: packageWithout('nats-server', 'nats-server'),
  async start(setting) {
    const port = await freePort();
    const files = await writeCertificates(setting);
    const configuration = join(setting.folder, 'nats.conf');
    const settings = [
      `listen: 127.0.0.1:${port}`,
      'max_connections: 100000',
      'max_pending: 1GB',
      'write_deadline: "60s"',
      `tls { cert_file: "${files.certificate}", key_file: "${files.key}", ca_file: "${files.ca}", verify: true }`,
      `log_file: "${join(setting.folder, 'nats.log')}"`,
    ];
    await writeFile(configuration, `${settings.join('\n')}\n`);
    return {
      ...(await startProgram(['nats-server', '-c', configuration], port)),
      rooms: topics(setting),
      message: '',
    };
  },
});
