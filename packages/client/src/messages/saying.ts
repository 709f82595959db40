/** What the user says about a message of a room: answers, edits, deletions, reactions, hiding. */
import type { KeptMessage } from '@chat/message-store';
import { type MessageBody, type MessageReference, mayHide } from '@chat/protocol';
import { RoomError, type RoomState } from '@chat/room';
import { ClientError } from '../errors.ts';

/** How a message is sent. */
export interface SendOptions {
  /** 32 hexadecimal digits: the message is the one that was sent with this id before, if there is one. Default: a new message. */
  readonly cid?: string | undefined;
  /** Called when a restart would find the message in the outbox. */
  readonly onKept?: (() => void) | undefined;
  /** Ends the wait for the message, which is sent all the same. If it cannot be sent, the event `undelivered` has its text then. */
  readonly signal?: AbortSignal | undefined;
}

/** How a text is sent. */
export interface TextOptions extends SendOptions {
  /** Position of the message that it answers. Default: none. */
  readonly replyTo?: number | undefined;
  /** True if it says what the user does, in the third person. An action answers nothing. Default: false. */
  readonly action?: boolean | undefined;
}

/** A room in which the user says something. */
export interface SayingRoom {
  readonly state: RoomState;
  readonly said: { find(seq: number): Promise<KeptMessage | null> };
  send(said: string | MessageBody, options?: SendOptions): Promise<{ readonly seq: number }>;
}

/** A word about a message. */
export type Word =
  | { readonly kind: 'reply' | 'edit' | 'reaction'; readonly text: string }
  | { readonly kind: 'delete' | 'hide' };

function isOwn({ state }: SayingRoom, { fingerprint }: KeptMessage): boolean {
  const { earlierKeys = [] } = state.members.get(state.me) ?? {};
  return fingerprint === state.me || earlierKeys.includes(fingerprint);
}

/** Returns the reference to a message about which the user may say this. @throws ClientError, RoomError */
async function referenceTo(room: SayingRoom, seq: number, { kind }: Word): Promise<MessageReference> {
  const role = room.state.members.get(room.state.me)?.role;
  if (kind === 'hide' && role !== undefined && !mayHide(role)) {
    throw new RoomError('not-allowed', 'Only the owner and the moderators of a room hide messages of others.');
  }
  const message = await room.said.find(seq);
  if (message?.hash === undefined) {
    throw new ClientError(
      'unknown-message',
      `There is no message ${seq} on this machine that can be answered or changed.`,
    );
  }
  if (message.deleted !== undefined) throw new ClientError('unknown-message', `Message ${seq} was deleted.`);
  if ((kind === 'edit' || kind === 'delete') && !isOwn(room, message)) {
    throw new ClientError(
      'not-yours',
      `Message ${seq} is of ${message.user}: you can edit and delete your own messages only.`,
    );
  }
  if (kind === 'edit' && message.newer !== undefined) {
    throw new ClientError('unknown-message', `A newer client is needed to edit message ${seq}.`);
  }
  return { seq, hash: message.hash };
}

/**
 * Says something about a message. Resolves as `ChatClient.send` does.
 *
 * @param seq position of the message
 * @throws ClientError `unknown-message`, `not-yours`, and those of `ChatClient.send`
 * @throws RoomError `not-allowed`, `message-too-long`, `reaction-too-long`, `nothing-to-say`
 */
export async function sayAbout(
  room: SayingRoom,
  seq: number,
  word: Word,
  options: SendOptions = {},
): Promise<{ readonly seq: number }> {
  return room.send({ ...word, target: await referenceTo(room, seq, word) }, options);
}

/** Sends a text, an answer or an action, as `ChatClient.send` says. */
export async function sayText(
  room: SayingRoom,
  text: string,
  { replyTo, action = false, ...options }: TextOptions,
): Promise<{ readonly seq: number }> {
  if (replyTo !== undefined) return sayAbout(room, replyTo, { kind: 'reply', text }, options);
  return room.send(action ? { kind: 'action', text } : text, options);
}
