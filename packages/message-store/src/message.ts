/** Messages as the store keeps them. */

/** A message of a room. */
export interface KeptMessage {
  /** Position in the room's log. */
  readonly seq: number;
  /** The author's user name. */
  readonly user: string;
  /** The fingerprint of the author's identity key. */
  readonly fingerprint: string;
  readonly text: string;
  /** Milliseconds since 1970, by the author's clock. */
  readonly at: number;
}

/** A message with its place in the store. */
export interface PlacedMessage extends KeptMessage {
  /** The number of the stream: of one room, from when it was added to when it was erased. */
  readonly stream: number;
  /** When the client read the message, in ms since 1970 by this machine's clock. */
  readonly readAt: number;
}

/** Orders messages by stream and position, as they stand in a segment. */
export const byPlace = (a: PlacedMessage, b: PlacedMessage): number => a.stream - b.stream || a.seq - b.seq;
