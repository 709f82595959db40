/** mosquitto with mutual TLS. It acknowledges a message when it has it in memory. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type Peer, packageWithout, startProgram, topics } from './peer.ts';

/** The broker, for messages of this size. */
export const mosquitto = (messageBytes: number): Peer => ({
  name: 'mosquitto',
  dialect: 'mqtt',
  messageBytes,
  missing: packageWithout('mosquitto', 'mosquitto'),
  async start(setting) {
    const { world, folder } = setting;
    const port = await freePort();
    const file = (name: string): string => join(folder, name);
    await writeFile(file('ca.pem'), world.ca);
    await writeFile(file('server.pem'), world.server.certificate);
    await writeFile(file('server.key'), world.server.key);
    const settings = [
      `listener ${port} 127.0.0.1`,
      `cafile ${file('ca.pem')}`,
      `certfile ${file('server.pem')}`,
      `keyfile ${file('server.key')}`,
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
    await writeFile(file('mosquitto.conf'), `${settings.join('\n')}\n`);
    const program = await startProgram(['mosquitto', '-c', file('mosquitto.conf')], port);
    return { ...program, rooms: topics(setting), message: '' };
  },
});
