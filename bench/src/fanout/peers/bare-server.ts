/** The bare server, in a process of its own: collects the messages of a tick for each room and writes them once to each follower. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { bareKind, bareLengthAt, barePacket } from '../dialects/bare.ts';
import { packets } from '../dialects/packets.ts';
import type { World } from '../world.ts';
import { answerLoopDelays } from './loop-delays.ts';

const [{ worldFile }] = (await once(process, 'message')) as [{ readonly worldFile: string }];
const world = JSON.parse(readFileSync(worldFile, 'utf8')) as World;
const followers = new Map<number, Set<TLSSocket>>();
const collected = new Map<number, Buffer[]>();
const acknowledgement = barePacket(bareKind.acknowledgement, 0);

function flush(): void {
  for (const [room, messages] of collected) {
    const bytes = Buffer.concat(messages);
    for (const follower of followers.get(room) ?? []) follower.write(bytes);
  }
  collected.clear();
}

const server = createServer({
  ca: world.ca,
  cert: world.server.certificate,
  key: world.server.key,
  requestCert: true,
  minVersion: 'TLSv1.3',
  noDelay: true,
}).on('secureConnection', (socket) => {
  const own = new Set<number>();
  let acknowledgements: Buffer[] = [];
  const split = packets(bareLengthAt, (packet) => {
    const room = packet.readUInt16BE(5);
    if (packet[4] === bareKind.message) {
      if (collected.size === 0) setImmediate(flush);
      const messages = collected.get(room) ?? [];
      collected.set(room, messages);
      messages.push(Buffer.from(packet));
      acknowledgements.push(acknowledgement);
      return;
    }
    if (packet[4] === bareKind.subscription) {
      followers.set(room, (followers.get(room) ?? new Set()).add(socket));
      own.add(room);
    }
    acknowledgements.push(Buffer.from(packet));
  });
  socket.on('data', (bytes: Buffer) => {
    split(bytes);
    if (acknowledgements.length > 0) socket.write(Buffer.concat(acknowledgements));
    acknowledgements = [];
  });
  socket.on('error', () => undefined);
  socket.once('close', () => {
    for (const room of own) followers.get(room)?.delete(socket);
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.once('disconnect', () => process.exit());
answerLoopDelays();
process.send?.({ port: (server.address() as AddressInfo).port });
