/** The protocol of the bare server: packets of a length, a kind and a room. */
import type { Dialect } from './dialect.ts';
import { packets } from './packets.ts';
import { awaitOn, openWire } from './wire.ts';

/** The kinds of packet. */
export const bareKind = { message: 1, acknowledgement: 2, subscription: 3, hello: 4 } as const;
/** Bytes of a packet before its content: its length, its kind, its room. */
const bareHeaderBytes = 7;

/** Returns a packet. */
export function barePacket(kind: number, room: number, contentBytes = 0): Buffer {
  const bytes = Buffer.alloc(bareHeaderBytes + contentBytes, 'x');
  bytes.writeUInt32BE(bytes.length);
  bytes[4] = kind;
  bytes.writeUInt16BE(room, 5);
  return bytes;
}

/** Returns the length of the packet at an offset. */
export const bareLengthAt = (bytes: Buffer, offset: number): number | null =>
  offset + 4 > bytes.length ? null : bytes.readUInt32BE(offset);

/** Speaks with the bare server. */
export const bare: Dialect = async (target, user, events) => {
  const wire = await openWire(target, user);
  let delivered = 0;
  let waiting: () => void = () => undefined;
  const split = packets(bareLengthAt, (packet) => {
    if (packet[4] === bareKind.message) delivered += 1;
    else if (packet[4] === bareKind.acknowledgement) events.acknowledged();
    else waiting();
  });
  wire.onBytes = (bytes) => {
    split(bytes);
    if (delivered > 0) events.delivered(delivered);
    delivered = 0;
  };
  const answer = (kind: number, room: number): Promise<void> =>
    awaitOn<void>(wire, (resolve) => {
      waiting = resolve;
      wire.socket.write(barePacket(kind, room));
    });
  await answer(bareKind.hello, 0);
  return {
    async follow(rooms) {
      for (const room of rooms) await answer(bareKind.subscription, room);
    },
    publish(room) {
      wire.socket.write(barePacket(bareKind.message, room, target.messageBytes));
    },
    close: async () => void wire.socket.destroy(),
  };
};
