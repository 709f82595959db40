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

const areSame = (a: PlacedMessage, b: PlacedMessage): boolean =>
  a.at === b.at && a.text === b.text && a.user === b.user && a.fingerprint === b.fingerprint;

/**
 * Returns each message once. A log that is read again has messages again; another message at the same position, of a log that a restored server has
 * continued otherwise, is one of its own.
 *
 * @param messages ordered by `byPlace`
 */
export function withoutRepeated(messages: readonly PlacedMessage[]): readonly PlacedMessage[] {
  return messages.filter((message, index) => {
    for (let before = index - 1; before >= 0; before -= 1) {
      const other = messages[before];
      if (other === undefined || byPlace(other, message) !== 0) return true;
      if (areSame(other, message)) return false;
    }
    return true;
  });
}
