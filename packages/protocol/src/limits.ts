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
  /** How far behind the log an author's view of it may be, in entries: what is further back nobody can hold theirs against. */
  viewEntries: 512,
  /** How long a prekey is used before its owner makes another, in milliseconds. */
  prekeyAge: 24 * 60 * 60 * 1000,
  /** People in one `get-prekeys` request: each answer is about 550 bytes. */
  prekeysPerRequest: 80,
  /** People who wait to be let into one room. */
  knocksPerRoom: 50,
  /** Rooms in one page of `list-rooms`. */
  roomsPerPage: 100,
  /** A certificate in PEM. */
  pemBytes: 16 * 1024,
  /** A certificate request in PEM: one for a P-256 key takes half a kilobyte, for RSA with 8192 bits three. */
  requestPemBytes: 4 * 1024,
} as const;
