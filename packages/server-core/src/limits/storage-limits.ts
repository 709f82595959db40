/** Bounds of what the server stores. */
import { type LimitTable, mebibyte, minuteMs, pebibyte } from './limit.ts';

/** The bounds of stored bytes. */
export const storageLimits = {
  // Four times the longest write-ahead log.
  storageReserveBytes: {
    standard: 64 * mebibyte,
    range: [64 * mebibyte, pebibyte],
    help: 'Free space on the disk that only revocations, other entries than messages, and the start may use. Below it the server stores no messages and creates no rooms.',
  },
  // About 60,000 short messages or 1,000 of the longest.
  messageBytesPerUserAndDay: {
    standard: 64 * mebibyte,
    range: [1 * mebibyte, pebibyte],
    help: 'Bytes of messages that one user may store in a day. The server refuses one more.',
  },
  messageBytesPerRoomAndDay: {
    standard: 256 * mebibyte,
    range: [1 * mebibyte, pebibyte],
    help: 'The same in one room.',
  },
  // A disk of 100 GB holds a month of it, so the operator has time to react.
  messageBytesPerDay: {
    standard: 3_072 * mebibyte,
    range: [1 * mebibyte, pebibyte],
    help: 'The same in all rooms.',
  },
  messageBytesPerRoom: {
    standard: 0,
    range: [0, pebibyte],
    help: 'Bytes of messages that the server keeps of one room, each with 500 bytes more; 0: no bound. The server refuses one more.',
  },
  messageBytes: {
    standard: 0,
    range: [0, pebibyte],
    help: 'The same in all rooms.',
  },
  blobBytesPerRoom: {
    standard: 16_384 * mebibyte,
    range: [0, pebibyte],
    help: 'Bytes of the files in one room; 0: no bound. The server refuses one more.',
  },
  blobBytesPerUser: {
    standard: 8_192 * mebibyte,
    range: [0, pebibyte],
    help: 'Bytes of the files that one user has sent, in all rooms; 0: no bound. The server refuses one more.',
  },
  blobBytes: {
    standard: 0,
    range: [0, pebibyte],
    help: 'Bytes of all files; 0: no bound but the free space of the disk, less the reserve. The server refuses one more.',
  },
  blobsPerUser: {
    standard: 20_000,
    range: [1, 10_000_000],
    help: 'Number of files of one user. The server refuses one more.',
  },
  // A week: a large file over a slow line, with some days without a connection.
  unfinishedBlobMs: {
    standard: 7 * 24 * 60 * minuteMs,
    range: [60 * minuteMs, 365 * 24 * 60 * minuteMs],
    help: 'Time in which a file must be uploaded. Then the server deletes what it has of it.',
  },
  // The keys and rooms of most users take less than a mebibyte, twice while a backup is made.
  recoveryBytesPerUser: {
    standard: 128 * mebibyte,
    range: [mebibyte, pebibyte],
    help: "Bytes that the server keeps of one user's backup for a recovery phrase. The client leaves out the oldest messages.",
  },
  recoveryBytesPerUserAndDay: {
    standard: 1_024 * mebibyte,
    range: [mebibyte, pebibyte],
    help: 'Bytes of backups that one user may store in a day, those that are replaced too.',
  },
  // Each erases the backup of the one before.
  recoveryKeysPerDay: {
    standard: 12,
    range: [1, 1_000],
    help: 'Recovery phrases that one user may make in a day.',
  },
  recoveriesPerHour: {
    standard: 12,
    range: [1, 1_000],
    help: "Times in an hour that a recovery phrase opens its user's backup.",
  },
  // Each costs a signature check.
  recoveriesPerHostAndHour: {
    standard: 60,
    range: [1, 100_000],
    help: 'Attempts in an hour to open a backup, from one address or network.',
  },
} as const satisfies LimitTable;
