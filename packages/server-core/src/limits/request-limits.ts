/** Bounds of what clients send: requests by their costs, bytes, and what each user and each address may ask for. */
import { kibibyte, type LimitTable, mebibyte } from './limit.ts';

/** The bounds of requests, and of enrolment. */
export const requestLimits = {
  // 1 is a look-up, 5 a signature check (see `handlers/chat-table.ts`).
  requestsPerSecond: {
    standard: 100,
    range: [10, 1_000_000],
    help: 'Request costs that one user gains in a second; most requests cost 1. The server refuses requests beyond it.',
  },
  requestBurst: {
    standard: 1_000,
    range: [100, 10_000_000],
    help: 'Request costs that one user can save up. A debt of as much ends the connection.',
  },
  bytesPerSecond: {
    standard: 1 * mebibyte,
    range: [64 * kibibyte, 1_024 * mebibyte],
    help: 'Bytes that one user may send in a second. The server refuses requests beyond it.',
  },
  // The openings of links to all members of the largest room take 6.3 MB.
  byteBurst: {
    standard: 8 * mebibyte,
    range: [1 * mebibyte, 1_024 * mebibyte],
    help: 'Bytes that one user can save up; a key for a room of 5,000 members takes 6.3 MB. A debt of as much ends the connection.',
  },
  transferBytesPerSecond: {
    standard: 32 * mebibyte,
    range: [64 * kibibyte, 16_384 * mebibyte],
    help: 'Bytes of files that one user may send and fetch in a second, apart from the bytes above. The server refuses more, and the client waits.',
  },
  transferByteBurst: {
    standard: 64 * mebibyte,
    range: [1 * mebibyte, 16_384 * mebibyte],
    help: 'Bytes of files that one user can save up.',
  },
  // A login takes 300 bytes, an enrolment at most 5,000.
  unprovenFrameBytes: {
    standard: 8 * kibibyte,
    range: [6 * kibibyte, 64 * kibibyte],
    help: 'One frame of a client that has not logged in. Beyond it the server ends the connection.',
  },
  // A chunk counts as 256 bytes at least.
  unprovenBytes: {
    standard: 16 * kibibyte,
    range: [12 * kibibyte, 1 * mebibyte],
    help: 'Bytes that a client may send before its login. Beyond twice as much the server ends the connection.',
  },
  unprovenCost: {
    standard: 50,
    range: [30, 1_000],
    help: 'Request costs of a client before its login: a login or an enrolment costs 20. Beyond twice as much the server ends the connection.',
  },
  requestsInFlight: {
    standard: 64,
    range: [1, 10_000],
    help: 'Requests of one connection that wait for an answer. At this number the server stops reading until one is answered.',
  },
  // A client needs one in 16 hours. Each costs 10 ms of work.
  renewalsPerHour: {
    standard: 12,
    range: [2, 100_000],
    help: 'Certificates that one user renews in an hour.',
  },
  // Each gives every room of the user a new key.
  keyRenewalsPerDay: {
    standard: 4,
    range: [1, 1_000],
    help: 'Times in a day that one user may renew the identity key.',
  },
  newNamesPerHostAndHour: {
    standard: 60,
    range: [1, 1_000_000],
    help: 'Attempts in an hour to enrol a new name, from one IPv4 address or one IPv6 network of 64 bits.',
  },
  // Every other quota is one for a name, so this one bounds them all together.
  newNamesPerHour: {
    standard: 600,
    range: [1, 1_000_000],
    help: 'New names in an hour from all addresses.',
  },
  lookUpsPerHour: {
    standard: 120,
    range: [1, 1_000_000],
    help: 'Users in an hour whom one user may look up without a common room, to invite or to verify them.',
  },
  lookUpsPerHostAndHour: {
    standard: 480,
    range: [1, 1_000_000],
    help: 'The same for all users of one address or network.',
  },
  // Where names are free, a quota for each name bounds nothing.
  roomsPerHostAndHour: {
    standard: 240,
    range: [1, 1_000_000],
    help: 'Rooms in an hour that the users of one address or network may create.',
  },
  knocksPerHostAndHour: {
    standard: 240,
    range: [1, 1_000_000],
    help: 'Knocks in an hour of the users of one address or network.',
  },
} as const satisfies LimitTable;
