/**
 * What still arrives after the server's last frame. It must be read: unread bytes would turn the close into a reset, and the client
 * would lose the reason. But a sender that does not stop gets the reset, because each TLS record costs the server a wake-up.
 */
import type { Duplex } from 'node:stream';

/**
 * Chunks that are read and dropped: four times the requests that a client may have on their way (`requestsInFlight`). Of the longest
 * records they are 4 MiB.
 */
const maxLateChunks = 256;

/** Reads and drops what arrives from now on, and destroys the socket when that does not end. To be called once. */
export function dropLateBytes(socket: Duplex): void {
  let chunks = 0;
  socket.on('data', () => {
    chunks += 1;
    if (chunks > maxLateChunks) socket.destroy();
  });
  socket.resume();
}
