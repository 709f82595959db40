/**
 * Waits for the first record of a TLS handshake before TLS itself takes the connection. What TLS keeps for a connection costs ten
 * times as much as a socket, so connections that stay silent or stop within their first record get none of it.
 */
import type { Socket } from 'node:net';

/** Type of a record of the handshake, and the size of the head that each record has (RFC 8446, section 5.1). */
const handshakeType = 22;
const headBytes = 5;

/**
 * Size of the longest first record that the server accepts, without its head. A client of this project sends 1,600 bytes, most
 * of them the key share of the hybrid group. TLS allows 16 KiB, which no client needs.
 */
const maxHelloBytes = 8 * 1024;

/**
 * Parts of the record that are read at once. The hello of this project's clients comes in two, and in five over the smallest packets
 * of IPv4.
 */
const promptParts = 5;

/**
 * Milliseconds between two reads afterwards: parts that arrive meanwhile are read as one. So a client that sends single bytes wakes
 * the server fifty times a second, until its time for the handshake is over; a client on a slow network loses this time once for each
 * further packet.
 */
const gatherMs = 20;

/**
 * Reads until the first record is there as a whole, and puts it back for TLS.
 *
 * @param socket paused
 * @param complete called with the socket paused again, unless the socket has been destroyed meanwhile
 * @param refuse called when the connection does not begin with such a record
 */
export function awaitClientHello(socket: Socket, complete: () => void, refuse: () => void): void {
  // A copy: a client that sends byte by byte must not leave a chunk of memory for each.
  let held: Buffer = Buffer.alloc(0);
  let parts = 0;
  const receive = (chunk: Buffer): void => {
    held = Buffer.concat([held, chunk]);
    const recordBytes = held.length < headBytes ? 0 : held.readUInt16BE(headBytes - 2);
    if (held[0] !== handshakeType || recordBytes > maxHelloBytes) {
      socket.off('data', receive);
      refuse();
    } else if (held.length >= headBytes && held.length >= headBytes + recordBytes) {
      socket.off('data', receive).pause();
      socket.unshift(held);
      complete();
    } else {
      parts += 1;
      if (parts < promptParts) return;
      socket.pause();
      setTimeout(() => socket.resume(), gatherMs);
    }
  };
  socket.on('data', receive).resume();
}
