/** Refusals in wire format. A message may quote what the client has sent, so its length is bounded here. */
import type { ErrorCode, WireError } from '@chat/protocol';

/** The length that `WireError` allows, in UTF-16 code units. */
const maxMessageLength = 1_000;

/** Returns the error in wire format and shortens a message that is too long. */
export const wireErrorOf = (code: ErrorCode, message: string): WireError => ({
  code,
  message: message.length > maxMessageLength ? `${message.slice(0, maxMessageLength - 3)}...` : message,
});
