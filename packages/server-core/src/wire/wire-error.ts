/** A refusal as it goes on the wire: a message may quote what the other side sent, so its length is bounded here. */
import type { ErrorCode, WireError } from '@chat/protocol';

/** As many characters as `WireError` takes. */
const messageLength = 1_000;

export const wireErrorOf = (code: ErrorCode, message: string): WireError => ({
  code,
  message: message.length > messageLength ? `${message.slice(0, messageLength - 3)}...` : message,
});
