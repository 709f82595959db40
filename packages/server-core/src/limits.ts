/** Every bound that a server keeps, with the defaults. Times are milliseconds, sizes are bytes. */

const seconds = 1_000;
const kibibytes = 1_024;
const mebibytes = 1_024 * kibibytes;

export const defaultLimits = {
  /** From the TCP connection to the end of the TLS handshake. */
  handshakeTime: 10 * seconds,
  /** From the TLS handshake to the login. */
  loginTime: 10 * seconds,
  /** The whole of an enrolment connection. */
  enrolmentTime: 60 * seconds,
  /** Without a frame from the client; it pings more often than that. */
  idleTime: 120 * seconds,
  /** From `bye` to the end of the connection, for what is still queued. */
  lingerTime: 2 * seconds,
  /** Chat connections, logged in or not. */
  connections: 10_000,
  connectionsPerUser: 8,
  /** Chat connections that have not logged in yet. */
  waitingConnections: 256,
  /** The same for one address, or for an IPv6 network of 64 bits: many people may be behind one. */
  waitingPerHost: 32,
  enrolmentConnections: 64,
  enrolmentPerHost: 16,
  /** Costs of requests, as the table of operations has them, that one user gains a second, and may save up. */
  requestsPerSecond: 100,
  requestBurst: 1_000,
  /** What one user may send. */
  bytesPerSecond: 1 * mebibytes,
  byteBurst: 4 * mebibytes,
  /** Requests of one session that wait for the store; reading pauses above it. */
  requestsInFlight: 64,
  /** Rooms that one session may follow. */
  subscriptions: 200,
  roomsCreatedPerHour: 60,
  /** Of one user, in all rooms. */
  joinsPerHour: 240,
  /** Of one user in one room: after the first few. */
  joinsPerMinute: 1,
  joinBurst: 5,
  /** Of one user, into all rooms: enough to fill one. */
  invitesPerHour: 1_000,
  /** Of one user, at all rooms. */
  knocksPerHour: 60,
  /** New prekeys of one user; a client makes one a day. */
  prekeysPerHour: 60,
  /** Of one user, of all members of all rooms. */
  keysAskedPerMinute: 60,
  /** How long whoever was asked for a key may answer. */
  keyAnswerTime: 60 * seconds,
  /** What may wait to be read by one client before it is cut. */
  queueBytes: 4 * mebibytes,
} as const;

export type ServerLimits = { readonly [Limit in keyof typeof defaultLimits]: number };
