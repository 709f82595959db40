/** Lengths are padded to buckets before encryption, so that a token's size says little about what is in it. */
import { limits, type MessageContent, messageContent, utf8 } from '@chat/protocol';
import { RoomError } from './errors.ts';

const smallestBucket = 256;
const space = 0x20;
const strict = new TextDecoder('utf-8', { fatal: true });

/** The content as JSON, followed by spaces up to the next power of two from 256 bytes. Throws `message-too-long`. */
export function encodeContent(content: MessageContent): Uint8Array {
  const json = utf8(JSON.stringify(content));
  if (utf8(content.body.text).length > limits.messageTextBytes || json.length > limits.paddedMessageBytes) {
    throw new RoomError(
      'message-too-long',
      `A message holds ${limits.messageTextBytes} bytes of text at most: send it in smaller parts.`,
    );
  }
  let bucket = smallestBucket;
  while (bucket < json.length) bucket *= 2;
  const padded = new Uint8Array(bucket).fill(space);
  padded.set(json);
  return padded;
}

/** Null when the bytes are not a message of this version. */
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
