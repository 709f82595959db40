/**
 * Every bound that a server keeps, with its default. A name that ends with `Ms` counts milliseconds and one with `Bytes`
 * bytes; the others are numbers of what they name. Each comment says what the server does beyond the bound.
 */

const secondMs = 1_000;
const kibibyte = 1_024;
const mebibyte = 1_024 * kibibyte;

/** The default of each limit. */
export const defaultLimits = {
  /**
   * From the TCP connection to the first byte: one round trip, and two losses of the packet. Then the server drops the
   * connection.
   */
  firstByteTimeoutMs: 4 * secondMs,
  /**
   * From the TCP connection to the end of the TLS handshake: two round trips and 5 KiB, over 10 kbit/s too. Then the server
   * drops the connection.
   */
  handshakeTimeoutMs: 8 * secondMs,
  /** From the TLS handshake to the first frame: one round trip and a signature. Then it ends with `limit-reached`. */
  firstFrameTimeoutMs: 6 * secondMs,
  /** From the TLS handshake to the login. Then the server ends the connection with `limit-reached`. */
  loginTimeoutMs: 10 * secondMs,
  /** Duration of an enrolment connection. Then the server ends it with `limit-reached`. */
  enrolmentTimeoutMs: 30 * secondMs,
  /**
   * Without a frame from the client, which pings more often than that. Then the server ends the connection with
   * `limit-reached`.
   */
  idleTimeoutMs: 120 * secondMs,
  /** From `bye` to the end of the connection, for frames that are still queued. Then the rest is lost. */
  lingerMs: 2 * secondMs,
  /** After a push of presence: changes within this time share the next one. */
  presenceGatherMs: 250,
  /** Between two pushes of the number of connected members alone, in a room with more than are named. */
  presenceCountMs: 10 * secondMs,
  /**
   * Chat connections with a login. The server refuses one more login with `server-full`. Each costs a socket, a TLS session and
   * about `queueBytes` (plus one write) of frames that its client has not read.
   */
  connections: 10_000,
  /** Of one user. One more ends the one that was idle for the longest time, with `connection-replaced`. */
  connectionsPerUser: 8,
  /**
   * Chat connections that have not logged in yet. One more displaces the oldest one of the host that holds most: with
   * `server-full` after its handshake, without a word before.
   */
  waitingConnections: 256,
  /** The same for one IPv4 address or one IPv6 network of 64 bits. Many users may share one. */
  waitingPerHost: 32,
  /**
   * Enrolment connections without a valid client certificate; as many again with one, so that strangers keep out no renewal.
   * One more displaces another one as for `waitingConnections`.
   */
  enrolmentConnections: 64,
  /** The same for one IPv4 address or one IPv6 network of 64 bits. */
  enrolmentPerHost: 16,
  /** Age from which a waiting connection is displaced by one of a host that holds as many: a handshake takes less. */
  unprovenGraceMs: 1 * secondMs,
  /**
   * Connections in a minute to one port from one IPv4 address or one IPv6 network of 64 bits that end without a login or a
   * certificate. Each costs up to 10 ms of work. The server drops the next ones before their TLS handshake.
   */
  failuresPerHostAndMinute: 60,
  /** The same from all hosts. Then the server drops connections from hosts with a recent failure. */
  failuresPerMinute: 600,
  /**
   * Request costs that one user gains in a second: 1 is a look-up, 5 a signature check (see `handlers/chat-table.ts`). The
   * server refuses requests beyond it with `rate-limited`.
   */
  requestsPerSecond: 100,
  /**
   * Request costs that one user can save up. When a user's debt exceeds this cost, the server ends the connection with
   * `rate-limited`.
   */
  requestBurst: 1_000,
  /** Bytes that one user may send in a second. The server refuses requests beyond it with `rate-limited`. */
  bytesPerSecond: 1 * mebibyte,
  /**
   * Bytes that one user can save up: the openings of links to all members of the largest room take 6.3 MB. When a user's debt exceeds
   * this size, the server ends the connection with `rate-limited`.
   */
  byteBurst: 8 * mebibyte,
  /**
   * One frame of a client that has not logged in: a login takes 300 bytes, an enrolment at most 5,000. Then the server ends the
   * connection with `frame-too-long`.
   */
  unprovenFrameBytes: 8 * kibibyte,
  /**
   * Bytes that a client may send before its login. A chunk counts as 256 bytes at least. The server refuses requests beyond it,
   * and beyond twice as much it ends the connection, both with `rate-limited`.
   */
  unprovenBytes: 16 * kibibyte,
  /** The same for the costs of requests: a login, or an enrolment, and some pings. */
  unprovenCost: 50,
  /** Requests of one connection that wait for an answer. At this number the server stops reading until one is answered. */
  requestsInFlight: 64,
  /** Rooms that one connection may follow. The server refuses one more with `limit-reached`. */
  subscriptions: 200,
  /** Certificates that one user renews in an hour; a client needs one in 16 hours. Each costs 10 ms of work. */
  renewalsPerHour: 12,
  /** Times that one user may renew the identity key in a day. Each gives every room of the user a new key. */
  keyRenewalsPerDay: 4,
  /** Attempts in an hour to enrol a new name, from one IPv4 address or one IPv6 network of 64 bits. */
  newNamesPerHostAndHour: 60,
  /** New names in an hour in all. Every other quota is one for a name, so this one bounds them all together. */
  newNamesPerHour: 600,
  /** Users of whom one user may look up the prekey in an hour without a common room: to invite or to verify them. */
  lookUpsPerHour: 120,
  /** The same for all users of one IPv4 address or one IPv6 network of 64 bits, as for the next two. */
  lookUpsPerHostAndHour: 480,
  /** Rooms that the users of one host may create in an hour. Where names are free, a quota for each name bounds nothing. */
  roomsPerHostAndHour: 240,
  /** Knocks of the users of one host in an hour. */
  knocksPerHostAndHour: 240,
  /** Rooms that one user may create in an hour. The server refuses one more with `limit-reached`, as all below. */
  roomsCreatedPerHour: 60,
  /** Joins of one user in all rooms. */
  joinsPerHour: 240,
  /**
   * Joins of one user in one room, after the first `joinBurst`. Each leave stops messages until the key has changed. A user leaves
   * and joins by mistake once or twice, not six times an hour.
   */
  roomJoinsPerHour: 6,
  joinBurst: 5,
  /** Invitations by one user in all rooms: enough to fill one. */
  invitesPerHour: 1_000,
  /** Invitations by one user to one room, after the first `roomInviteBurst`, which fill a large room. */
  roomInvitesPerHour: 60,
  roomInviteBurst: 250,
  /**
   * Removals, readmissions and roles by one user in one room, after the first `decisionBurst`. Each departure makes messages wait
   * for the next key. An owner who tidies a room rarely removes more than that at a time.
   */
  decisionsPerHour: 30,
  decisionBurst: 100,
  /** Withdrawals by one user in one room, after the first `withdrawalBurst`. Any member may invite and withdraw in turns. */
  withdrawalsPerHour: 12,
  withdrawalBurst: 20,
  /**
   * Epochs by one user in one room that neither its members nor its log require, or that leave out a user whose prekey the
   * server has. A lost key and a wrong clock cost one each.
   */
  unforcedEpochsPerHour: 2,
  /** Knocks of one user at all rooms. */
  knocksPerHour: 60,
  /**
   * Knocks of one user at one room, after the first `roomKnockBurst`. Each goes to all members who follow the room, and each of their
   * clients verifies a signature. A knock waits for two weeks, so that no user needs to repeat it.
   */
  roomKnocksPerHour: 6,
  roomKnockBurst: 3,
  /** New prekeys of one user; a connected client makes one an hour. Each costs a signature check and a write. */
  prekeysPerHour: 60,
  /**
   * Openings of links that one user may put in a day, after the first `linkBurst`: 16 to each member of a room of the largest size.
   * Each takes 1,250 bytes until its recipient has fetched it.
   */
  linksPerDay: 100_000,
  linkBurst: 6_000,
  /** Openings of one user that wait for one recipient: 17 a day, for as long as the server keeps them. */
  waitingLinks: 512,
  /** Heartbeats of one user to one room; a client sends one. Each goes to all members who follow the room. */
  heartbeatsSentPerMinute: 4,
  /** Key requests of one user for the key of one epoch. */
  keysAskedPerMinute: 60,
  /** Key requests of one user in all: for 200 keys. A member that makes keys which open for no other member makes the others ask for each. */
  keysAskedInAllPerMinute: 600,
  /** For the answer to a key request. The server refuses a later answer with `not-allowed`. */
  keyAnswerTimeoutMs: 60 * secondMs,
  /**
   * Free space on the disk of the store that only control entries, revocations, certificates and the start may use. Below it
   * the server refuses messages and new rooms with `storage-full`. It is four times the longest write-ahead log.
   */
  storageReserveBytes: 64 * mebibyte,
  /**
   * Bytes of messages that one user may store in a day, saved up to a day: about 60,000 short messages or 1,000 of the longest.
   * The server refuses one more with `limit-reached`.
   */
  messageBytesPerUserAndDay: 64 * mebibyte,
  /** The same in one room. */
  messageBytesPerRoomAndDay: 256 * mebibyte,
  /** The same in all rooms. A disk of 100 GB holds a month of it, so the operator has time to react. */
  messageBytesPerDay: 3_072 * mebibyte,
  /**
   * Bytes of messages that the server keeps of one room, each with 500 bytes more; 0: no bound. The server refuses one more with
   * `room-storage-full`. The operator sets it to the disk at hand.
   */
  messageBytesPerRoom: 0,
  /** The same in all rooms, with `storage-full`. */
  messageBytes: 0,
  /** Frames that one client has not read yet. A client above it is disconnected with `limit-reached`. */
  queueBytes: 4 * mebibyte,
} as const;

/** Bounds of a server, by the names of `defaultLimits`. */
export type ServerLimits = { readonly [Limit in keyof typeof defaultLimits]: number };
