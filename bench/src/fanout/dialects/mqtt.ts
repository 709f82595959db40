/** MQTT 3.1.1 with quality of service 1: the broker acknowledges each message, and each reader acknowledges it to the broker. */
import type { Dialect } from './dialect.ts';
import { packets } from './packets.ts';
import { awaitOn, openWire } from './wire.ts';

const kind = { connect: 1, connack: 2, publish: 3, puback: 4, subscribe: 8, suback: 9 } as const;

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const packetId = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE((value % 65_535) + 1);
  return bytes;
};

function packet(type: number, flags: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const header = [(type << 4) | flags];
  let length = body.length;
  do {
    header.push((length & 0x7f) | (length > 0x7f ? 0x80 : 0));
    length >>= 7;
  } while (length > 0);
  return Buffer.concat([Buffer.from(header), body]);
}

/** Returns the length of the header and of the whole packet. */
function lengthsAt(bytes: Buffer, offset: number): { readonly header: number; readonly all: number } | null {
  let length = 0;
  for (let index = 1; index <= 4; index += 1) {
    const byte = bytes[offset + index];
    if (byte === undefined) return null;
    length |= (byte & 0x7f) << (7 * (index - 1));
    if (byte < 0x80) return { header: index + 1, all: index + 1 + length };
  }
  throw new Error('The broker has sent a packet without a length.');
}

/** Speaks with mosquitto. */
export const mqtt: Dialect = async (target, user, events) => {
  const wire = await openWire(target, user);
  const { socket } = wire;
  const body = Buffer.alloc(target.messageBytes, 'x');
  let ids = 0;
  let waiting: () => void = () => undefined;
  let delivered = 0;
  let acknowledgements: Buffer[] = [];
  const split = packets(
    (bytes, offset) => lengthsAt(bytes, offset)?.all ?? null,
    (bytes) => {
      const type = (bytes[0] ?? 0) >> 4;
      if (type === kind.publish) {
        delivered += 1;
        const topicAt = lengthsAt(bytes, 0)?.header ?? 0;
        const idAt = topicAt + 2 + bytes.readUInt16BE(topicAt);
        acknowledgements.push(Buffer.from([kind.puback << 4, 2, bytes[idAt] ?? 0, bytes[idAt + 1] ?? 0]));
      } else if (type === kind.puback) events.acknowledged();
      else waiting();
    },
  );
  wire.onBytes = (bytes) => {
    split(bytes);
    if (delivered === 0) return;
    socket.write(Buffer.concat(acknowledgements));
    acknowledgements = [];
    events.delivered(delivered);
    delivered = 0;
  };
  const answer = (): Promise<void> => awaitOn<void>(wire, (resolve) => (waiting = resolve));

  const accepted = answer();
  // Protocol level 4, a clean session, and no keep-alive.
  const connectFlags = Buffer.from([4, 2, 0, 0]);
  socket.write(
    packet(kind.connect, 0, [text('MQTT'), connectFlags, text(`line-${process.pid}-${user}-${Date.now()}`)]),
  );
  await accepted;
  return {
    async follow(rooms) {
      for (const room of rooms) {
        const subscribed = answer();
        socket.write(packet(kind.subscribe, 2, [packetId(ids++), text(`room/${room}`), Buffer.from([1])]));
        await subscribed;
      }
    },
    publish(room) {
      socket.write(packet(kind.publish, 2, [text(`room/${room}`), packetId(ids++), body]));
    },
    close: async () => void socket.destroy(),
  };
};
