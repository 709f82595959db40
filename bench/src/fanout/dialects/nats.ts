/** The text protocol of NATS. With `verbose` the server acknowledges each message. */
import type { Dialect } from './dialect.ts';
import { packets } from './packets.ts';
import { awaitOn, openWireAfterLine } from './wire.ts';

const lineFeed = 0x0a;

/** Returns the length of a line, and for `MSG <subject> <subscription> <bytes>` with its message. */
function lengthAt(bytes: Buffer, offset: number): number | null {
  const end = bytes.indexOf(lineFeed, offset);
  if (end === -1) return null;
  const line = end + 1 - offset;
  if (bytes[offset] !== 0x4d) return line;
  const size = Number(bytes.toString('latin1', bytes.lastIndexOf(0x20, end) + 1, end - 1));
  return line + size + 2;
}

/** Speaks with nats-server. */
export const nats: Dialect = async (target, user, events) => {
  const wire = await openWireAfterLine(target, user);
  const { socket } = wire;
  const body = Buffer.concat([Buffer.alloc(target.messageBytes, 'x'), Buffer.from('\r\n')]);
  let delivered = 0;
  /** True from the second `CONNECT` to its own acknowledgement. */
  let connecting = false;
  let verbose = false;
  let waiting: (() => void) | null = null;
  const split = packets(lengthAt, (packet) => {
    const first = packet[0];
    if (first === 0x4d) delivered += 1;
    else if (first === 0x2b) {
      if (connecting) connecting = false;
      else events.acknowledged();
    } else if (packet.toString('latin1', 0, 4) === 'PING') socket.write('PONG\r\n');
    else if (packet.toString('latin1', 0, 4) === 'PONG') waiting?.();
    else if (first === 0x2d) events.refused(packet.toString('latin1').trim());
  });
  wire.onBytes = (bytes) => {
    split(bytes);
    if (delivered > 0) events.delivered(delivered);
    delivered = 0;
  };
  const pong = (): Promise<void> =>
    awaitOn<void>(wire, (resolve) => {
      waiting = resolve;
    });

  const welcomed = pong();
  socket.write('CONNECT {"verbose":false,"pedantic":false,"tls_required":true}\r\nPING\r\n');
  await welcomed;
  return {
    async follow(rooms) {
      const followed = pong();
      socket.write(`${rooms.map((room) => `SUB room.${room} ${room + 1}`).join('\r\n')}\r\nPING\r\n`);
      await followed;
    },
    publish(room) {
      if (!verbose) {
        verbose = true;
        connecting = true;
        socket.write('CONNECT {"verbose":true,"pedantic":false,"tls_required":true}\r\n');
      }
      socket.write(Buffer.concat([Buffer.from(`PUB room.${room} ${target.messageBytes}\r\n`), body]));
    },
    close: async () => void socket.destroy(),
  };
};
