/** Encodes the content of a message and pads it to a bucket, so that the size of a token reveals little about the text. */
import { encodeMessageContent, limits, type MessageContent, paddedContentBytes, utf8 } from '@chat/protocol';
import { RoomError } from './errors.ts';

/**
 * Returns the size of the content of a text after padding, in bytes.
 *
 * @throws RoomError `message-too-long`
 */
export function paddedBytesOf(text: string): number {
  const { length } = utf8(text);
  if (length <= limits.messageTextBytes) return paddedContentBytes(length);
  throw new RoomError(
    'message-too-long',
    `A message holds at most ${limits.messageTextBytes} bytes of text: send it in smaller parts.`,
  );
}

/**
 * Returns the content, encoded and padded.
 *
 * @throws RoomError `message-too-long`
 */
export function encodeContent(content: MessageContent): Uint8Array {
  paddedBytesOf(content.body.text);
  return encodeMessageContent(content);
}
