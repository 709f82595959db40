/** What a program gives to a message that another program sends for it. */
import { randomBytes } from 'node:crypto';
import { limits } from '@chat/protocol';
import { RoomError } from '@chat/room';

/** Returns the id of a new message: it is one message, whatever becomes of the programs that pass it on. */
export const newMessage = (): { readonly cid: string } => ({ cid: randomBytes(16).toString('hex') });

/** Returns whether a text has more characters than a message has bytes: it may be too long for a call, too. */
export const isTooLong = (text: string): boolean => text.length > limits.messageTextBytes;

/** Returns the error of a text that is too long. */
export const messageTooLong = (): RoomError =>
  new RoomError('message-too-long', `A message holds at most ${limits.messageTextBytes} bytes of text.`);
