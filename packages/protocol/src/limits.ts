/** Every bound that both sides of the wire rely on. Sizes are bytes, times are milliseconds. */

export const limits = {
  /** One frame on the wire, its line feed included. */
  frameBytes: 64 * 1024,
  /** A message's plaintext after padding; its token then fits a frame with room to spare. */
  paddedMessageBytes: 32 * 1024,
  /** The text of one message in UTF-8. One that JSON must escape all over may be too long for `paddedMessageBytes` before. */
  messageTextBytes: 16 * 1024,
  /** Members of one room. */
  roomMembers: 1000,
  /** Entries after a fresh room key until there is another: what one stolen key opens. */
  freshKeyEntries: 1_000,
  /** How long a fresh room key is used, in milliseconds, by the clock of whoever makes the next one. */
  freshKeyAge: 24 * 60 * 60 * 1000,
  /** Wraps in one `put-wraps` request: about 400 bytes each, so well within a frame. */
  wrapsPerRequest: 100,
  /** Rooms in one page of `list-rooms`. */
  roomsPerPage: 100,
  /** A certificate in PEM. */
  pemBytes: 16 * 1024,
  /** A certificate request in PEM: one for a P-256 key takes half a kilobyte, for RSA with 8192 bits three. */
  requestPemBytes: 4 * 1024,
} as const;
