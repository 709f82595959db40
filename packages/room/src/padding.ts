/** Encodes the content of a message and pads it to a bucket, so that the size of a token reveals little about the text. */
import { limits, type MessageContent, messageContent, utf8 } from '@chat/protocol';
import { RoomError } from './errors.ts';

const smallestBucketBytes = 256;
const space = 0x20;
const strict = new TextDecoder('utf-8', { fatal: true });

interface Padded {
  readonly json: Uint8Array;
  /** Size with the padding. */
  readonly bytes: number;
}

function pad(content: MessageContent): Padded {
  const json = utf8(JSON.stringify(content));
  if (utf8(content.body.text).length > limits.messageTextBytes || json.length > limits.paddedMessageBytes) {
    throw new RoomError(
      'message-too-long',
      `A message holds at most ${limits.messageTextBytes} bytes of text: send it in smaller parts.`,
    );
  }
  let bytes = smallestBucketBytes;
  while (bytes < json.length) bytes *= 2;
  return { json, bytes };
}

/**
 * Returns the size of a content after padding, in bytes.
 *
 * @throws RoomError `message-too-long`
 */
export const paddedBytesOf = (content: MessageContent): number => pad(content).bytes;

/**
 * Returns the content as JSON, padded with spaces to the next power of two of at least 256 bytes.
 *
 * @throws RoomError `message-too-long`
 */
export function encodeContent(content: MessageContent): Uint8Array {
  const { json, bytes } = pad(content);
  const padded = new Uint8Array(bytes).fill(space);
  padded.set(json);
  return padded;
}

/** Decodes the padded content of a message; null when it is not one of this version. */
export function decodeContent(bytes: Uint8Array): MessageContent | null {
  let json: unknown;
  try {
    json = JSON.parse(strict.decode(bytes));
  } catch {
    return null;
  }
  const parsed = messageContent.safeParse(json);
  return parsed.success ? parsed.data : null;
}
