/** `message`: decrypts a message, and compares its counter and hash with the author's chain. */
import {
  decodeLegacyContent,
  decodeMessageContent,
  type MessageBody,
  type MessageContent,
  mayHide,
  type Payload,
  type RoomId,
  type SignedEntry,
  toBase64url,
} from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import { type MessageAuthor, type MessageHead, type ReadMessageEvent, type RoomEvent, violation } from '../event.ts';
import { isKeyOverused } from '../keys/age.ts';
import { messageKeyOf } from '../keys/message-keys.ts';
import { isRemovalPending } from '../people.ts';
import type { AuthorChain, RoomState } from '../state.ts';
import type { Applied, Placed, Rule } from './step.ts';

/** Returns the breach of the author chain; null when the message continues it. A replayed message is not shown. */
function chainBreach(chain: AuthorChain | undefined, content: MessageContent): 'replayed' | 'missing-messages' | null {
  if (chain === undefined) return null;
  if (content.counter <= chain.counter) return 'replayed';
  return content.counter === chain.counter + 1 && content.previous === chain.last ? null : 'missing-messages';
}

/** A message that was decrypted, and the epoch of its key. */
interface Opened {
  readonly content: MessageContent;
  readonly epoch: number;
}

function accept(state: RoomState, placed: Placed, { content, epoch }: Opened): Applied {
  const { seq, entry, hash } = placed;
  const user = state.members.get(entry.by)?.user ?? '';
  const breach = chainBreach(state.authors.get(entry.by), content);
  if (breach === 'replayed') return { state, events: [violation('replayed', seq, user)] };

  const events: RoomEvent[] = breach === null ? [] : [violation(breach, seq, user)];
  const head = { seq, at: content.at, epoch, user, fingerprint: entry.by, hash };
  events.push(eventOf(authorIn(state, entry), head, content.body));
  const authors = state.authors.put(entry.by, { counter: content.counter, last: hash });
  return { state: { ...state, authors }, events };
}

/** Returns what the author of an entry may do in the room before it. */
function authorIn(state: RoomState, { by }: SignedEntry): MessageAuthor {
  const { earlierKeys = [], role } = state.members.get(by) ?? {};
  return { earlierKeys, mayHide: role !== undefined && mayHide(role) };
}

/** Returns the event of what a message says. Whether it is true that `target` is a message is not known here. */
export function eventOf(author: MessageAuthor, head: MessageHead, body: MessageBody): ReadMessageEvent {
  const { earlierKeys } = author;
  switch (body.kind) {
    case 'text':
      return { ...head, kind: 'message', text: body.text };
    case 'action':
      return { ...head, kind: 'message', text: body.text, action: true };
    case 'reply':
      return { ...head, kind: 'message', text: body.text, replyTo: body.target };
    case 'file':
      return { ...head, kind: 'message', text: body.text, file: body.file };
    case 'edit':
      return { ...head, kind: 'edited', target: body.target, earlierKeys, text: body.text };
    case 'delete':
      return { ...head, kind: 'deleted', target: body.target, earlierKeys };
    case 'reaction':
      return { ...head, kind: 'reacted', target: body.target, earlierKeys, text: body.text };
    case 'hide':
      return author.mayHide
        ? { ...head, kind: 'hidden', target: body.target, earlierKeys }
        : { ...head, kind: 'without-effect' };
    case 'newer':
      return { ...head, kind: 'newer', number: body.number, body: toBase64url(body.bytes) };
  }
}

/** Applies a `message` entry. */
export const applyMessage: Rule<'message'> = (state, placed, payload, crypto) => {
  const { seq, entry } = placed;
  const user = state.members.get(entry.by)?.user ?? null;
  if (user === null) return { state, events: [violation('not-a-member', seq)] };
  if (payload.epoch !== state.epoch?.number || isRemovalPending(state)) {
    return { state, events: [violation('stale-key', seq, user)] };
  }
  const read = readMessage(state, placed, payload, crypto);
  if (!isKeyOverused(state, payload.head.seq)) return read;
  return { ...read, events: [violation('overused-key', seq, user), ...read.events] };
};

/** Decrypts a message under the latest epoch, and compares it with the author's chain. */
const readMessage: Rule<'message'> = (state, placed, payload, crypto) => {
  const { seq, entry, hash } = placed;
  const user = state.members.get(entry.by)?.user ?? '';
  // The form of the payload is that of the content. Only the earlier one names the room.
  const isEarlier = payload.room !== undefined;
  const key = messageKeyOf(state, { epochNumber: payload.epoch, author: isEarlier ? null : entry.by }, crypto);
  if (key === null) {
    // The author chain continues in a message that cannot be read, so it begins anew with the next readable message.
    const unknown = { ...state, authors: state.authors.without(entry.by) };
    const head = { seq, user, fingerprint: entry.by, epoch: payload.epoch, hash };
    return { state: unknown, events: [{ kind: 'unreadable', ...head, ...authorIn(state, entry) }] };
  }
  const content = openMessage({ room: state.room, seq, entry }, payload, key, crypto);
  return content === null
    ? { state, events: [violation('damaged', seq, user)] }
    : accept(state, placed, { content, epoch: payload.epoch });
};

/** Decrypts a message. Returns null if it is damaged. */
export function openMessage(
  { room, seq, entry }: { readonly room: RoomId; readonly seq: number; readonly entry: SignedEntry },
  payload: Payload<'message'>,
  key: Uint8Array,
  crypto: RoomCrypto,
): MessageContent | null {
  const plaintext = crypto.decrypt(key, payload.token);
  if (plaintext === null) return null;
  const place = { room, epoch: payload.epoch, author: entry.by };
  const content = payload.room === undefined ? decodeMessageContent(plaintext) : decodeLegacyContent(plaintext, place);
  // Each counted message has a position of its own. A greater counter could be so great that no message might follow it.
  return content !== null && content.counter <= seq ? content : null;
}
