/** Encodes the content of a message and pads it to a bucket, so that the size of a token reveals little about the text. */
import {
  encodeMessageContent,
  type MessageBody,
  type MessageContent,
  paddedContentBytes,
  sizeOfBody,
  textBytesOf,
  textOfBody,
  utf8,
} from '@chat/protocol';
import { RoomError } from './errors.ts';

/**
 * Returns the size of the content of a message after padding, in bytes.
 *
 * @throws RoomError `message-too-long`, `reaction-too-long`, `nothing-to-say`
 */
export function paddedBytesOf(body: MessageBody): number {
  if (body.kind === 'newer') throw new RoomError('nothing-to-say', 'This version does not make such messages.');
  const { length } = utf8(textOfBody(body));
  const { min, max } = textBytesOf(body.kind);
  if (length < min) throw new RoomError('nothing-to-say', 'A message has a text.');
  if (length <= max) return paddedContentBytes(sizeOfBody(body));
  if (body.kind === 'reaction') {
    throw new RoomError('reaction-too-long', `A reaction is an emoji or a word of at most ${max} bytes.`);
  }
  throw new RoomError('message-too-long', `A message holds at most ${max} bytes of text: send it in smaller parts.`);
}

/**
 * Returns the content, encoded and padded.
 *
 * @throws RoomError `message-too-long`, `reaction-too-long`, `nothing-to-say`
 */
export function encodeContent(content: MessageContent): Uint8Array {
  paddedBytesOf(content.body);
  return encodeMessageContent(content);
}
