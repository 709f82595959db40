/** mosquitto with mutual TLS. It acknowledges a message when it has it in memory. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type Peer, packageWithout, startProgram, topics, writeCertificates } from './peer.ts';

/** The broker, for messages of this size. */
export const mosquitto = (messageBytes: number): Peer => ({
  name: 'mosquitto',
  dialect: 'mqtt',
  messageBytes,
  missing: packageWithout('mosquitto', 'mosquitto'),
  async start(setting) {
    const port = await freePort();
    const files = await writeCertificates(setting);
    const configuration = join(setting.folder, 'mosquitto.conf');
    const settings = [
      `listener ${port} 127.0.0.1`,
      `cafile ${files.ca}`,
      `certfile ${files.certificate}`,
      `keyfile ${files.key}`,
      'require_certificate true',
      'allow_anonymous true',
      'set_tcp_nodelay true',
      // No bound for messages on their way, so that it drops none.
      'max_inflight_messages 0',
      'max_queued_messages 0',
      'persistence false',
      'log_type none',
      'user root',
    ];
    await writeFile(configuration, `${settings.join('\n')}\n`);
    const program = await startProgram(['mosquitto', '-c', configuration], port);
    return { ...program, rooms: topics(setting), message: '' };
  },
});
