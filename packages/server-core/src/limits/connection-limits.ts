/** Bounds of connections: how long each step may take, and how many there may be. */
import { kibibyte, type LimitTable, mebibyte, minuteMs, secondMs } from './limit.ts';

/** The bounds of connections. */
export const connectionLimits = {
  // One round trip, and two losses of the packet.
  firstByteTimeoutMs: {
    standard: 4 * secondMs,
    range: [500, minuteMs],
    help: 'Time from the TCP connection to the first byte. Then the server drops the connection.',
  },
  // Two round trips and 5 KiB, over 10 kbit/s too.
  handshakeTimeoutMs: {
    standard: 8 * secondMs,
    range: [secondMs, minuteMs],
    help: 'Time from the TCP connection to the end of the TLS handshake. Then the server drops the connection.',
  },
  // One round trip and a signature.
  firstFrameTimeoutMs: {
    standard: 6 * secondMs,
    range: [secondMs, minuteMs],
    help: 'Time from the TLS handshake to the first frame. Then the server ends the connection.',
  },
  loginTimeoutMs: {
    standard: 10 * secondMs,
    range: [2 * secondMs, 2 * minuteMs],
    help: 'Time from the TLS handshake to the login. Then the server ends the connection.',
  },
  enrolmentTimeoutMs: {
    standard: 30 * secondMs,
    range: [5 * secondMs, 10 * minuteMs],
    help: 'Time of an enrolment connection. Then the server ends it.',
  },
  // A client pings more often than the least value.
  idleTimeoutMs: {
    standard: 120 * secondMs,
    range: [minuteMs, 60 * minuteMs],
    help: 'Time without a frame from a client, which pings. Then the server ends the connection.',
  },
  lingerMs: {
    standard: 2 * secondMs,
    range: [100, minuteMs],
    help: 'Time for what is still queued when the server ends a connection. Then the rest is lost.',
  },
  // Each costs a socket, a TLS session and about `queueBytes` (plus one write) of frames that its client has not read.
  connections: {
    standard: 10_000,
    range: [1, 1_000_000],
    help: 'Connections of users who have logged in. The server refuses one more login. Each takes an open file.',
  },
  connectionsPerUser: {
    standard: 8,
    range: [1, 1_000],
    help: 'Connections of one user. One more ends the one that was idle for the longest time.',
  },
  waitingConnections: {
    standard: 256,
    range: [8, 100_000],
    help: 'Chat connections without a login. One more displaces the oldest one of the address that holds most.',
  },
  // Many users may share one address.
  waitingPerHost: {
    standard: 32,
    range: [1, 100_000],
    help: 'Chat connections without a login from one IPv4 address or one IPv6 network of 64 bits.',
  },
  enrolmentConnections: {
    standard: 64,
    range: [4, 100_000],
    help: 'Enrolment connections without a certificate, and as many again with one, so that strangers keep out no renewal.',
  },
  enrolmentPerHost: {
    standard: 16,
    range: [1, 100_000],
    help: 'Enrolment connections without a certificate from one address or network.',
  },
  // A handshake takes less.
  unprovenGraceMs: {
    standard: 1 * secondMs,
    range: [0, 10 * secondMs],
    help: 'Age from which a connection without a login is displaced by one of an address that holds as many.',
  },
  // Each costs up to 10 ms of work.
  failuresPerHostAndMinute: {
    standard: 60,
    range: [1, 1_000_000],
    help: 'Connections in a minute to one port from one address or network that end without a login or a certificate. The server drops the next ones.',
  },
  failuresPerMinute: {
    standard: 600,
    range: [1, 1_000_000],
    help: 'The same from all addresses. Beyond it the server drops connections from addresses with a recent failure.',
  },
  queueBytes: {
    standard: 4 * mebibyte,
    range: [256 * kibibyte, 1_024 * mebibyte],
    help: 'Bytes that wait for one client to read them. The server ends the connection of a client above it, which reads on from the log.',
  },
  subscriptions: {
    standard: 200,
    range: [1, 10_000],
    help: 'Rooms that one connection may follow. The server refuses one more.',
  },
  presenceGatherMs: {
    standard: 250,
    range: [0, 10 * secondMs],
    help: 'Time after news of who is connected in which changes gather for the next news.',
  },
  presenceCountMs: {
    standard: 10 * secondMs,
    range: [secondMs, 10 * minuteMs],
    help: 'Time between two news of the number of connected members alone, in a room with more than are named.',
  },
} as const satisfies LimitTable;
