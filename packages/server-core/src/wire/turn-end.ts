/**
 * Work at the end of a turn of the event loop: first the broadcasts of rooms, then the writes to sockets. A write costs as much as
 * most requests, so a socket gets one for everything of a turn: the answers, and the frames of all rooms that it follows. The writes
 * to the readers of a large room take several turns, in which other requests go on.
 */

/** Sockets that are written to in one turn: 10 to 20 us each. */
const socketsPerTurn = 256;

/** What waits for the end of the turn. */
export interface Pending {
  /** Called at the end of the turn, and MUST do nothing when it was called before. MUST NOT throw. */
  flush(): void;
}

let broadcasts: Pending[] = [];
let sockets: Pending[] = [];
let isScheduled = false;

/** Flushes a broadcast at the end of this turn, before the sockets. */
export function flushBroadcastLater(broadcast: Pending): void {
  broadcasts.push(broadcast);
  schedule();
}

/** Flushes a socket at the end of this turn. */
export function flushSocketLater(socket: Pending): void {
  sockets.push(socket);
  schedule();
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  const rooms = broadcasts;
  broadcasts = [];
  for (const room of rooms) room.flush();
  const written = sockets.slice(0, socketsPerTurn);
  sockets = sockets.slice(socketsPerTurn);
  isScheduled = false;
  if (sockets.length > 0) schedule();
  for (const socket of written) socket.flush();
}
