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
 * Reads until the first record is there as a whole, and puts it back for TLS.
 *
 * @param socket paused
 * @param complete called with the socket paused again, unless the socket has been destroyed meanwhile
 * @param refuse called when the connection does not begin with such a record
 */
export function awaitClientHello(socket: Socket, complete: () => void, refuse: () => void): void {
  // A copy: a client that sends byte by byte must not leave a chunk of memory for each.
  let held: Buffer = Buffer.alloc(0);
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
    }
  };
  socket.on('data', receive).resume();
}
