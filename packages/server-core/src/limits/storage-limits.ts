/** Bounds of what the server stores. */
import { type LimitTable, mebibyte, pebibyte } from './limit.ts';

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
} as const satisfies LimitTable;
