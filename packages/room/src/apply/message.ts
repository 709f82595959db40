/** `message`: decrypts, and holds its place among its author's messages against what we have seen of them. */
import { fromBase64url, type MessageContent } from '@chat/protocol';
import { type RoomEvent, violation } from '../event.ts';
import { messageKey } from '../keys/schedule.ts';
import { decodeContent } from '../padding.ts';
import { removalPending } from '../people.ts';
import { type AuthorChain, type RoomState, without } from '../state.ts';
import type { Applied, Placed, Rule } from './step.ts';

/** Whether the author's messages follow one another; `replayed` is the one breach for which a message is not shown. */
function chainBreach(chain: AuthorChain | undefined, content: MessageContent): 'replayed' | 'missing-messages' | null {
  if (chain === undefined) return null;
  if (content.counter <= chain.counter) return 'replayed';
  return content.counter === chain.counter + 1 && content.previous === chain.last ? null : 'missing-messages';
}

function accept(state: RoomState, placed: Placed, content: MessageContent): Applied {
  const { seq, entry, hash } = placed;
  const user = state.members[entry.by]?.user ?? '';
  const breach = chainBreach(state.authors[entry.by], content);
  if (breach === 'replayed') return { state, events: [violation('replayed', seq, user)] };

  const events: RoomEvent[] = [];
  if (breach !== null) events.push(violation(breach, seq, user));
  events.push({
    kind: 'message',
    seq,
    at: content.at,
    epoch: content.epoch,
    user,
    fingerprint: entry.by,
    hash,
    text: content.body.text,
  });
  const authors = { ...state.authors, [entry.by]: { counter: content.counter, last: hash } };
  return { state: { ...state, authors }, events };
}

export const applyMessage: Rule<'message'> = (state, placed, payload, crypto) => {
  const { seq, entry } = placed;
  const user = state.members[entry.by]?.user ?? null;
  if (user === null) return { state, events: [violation('not-a-member', seq)] };
  if (payload.epoch !== state.epoch?.number || removalPending(state)) {
    return { state, events: [violation('stale-key', seq, user)] };
  }

  const secret = state.secrets[payload.epoch];
  if (secret === undefined) {
    // Their chain goes on in what we cannot read: the next message that we can read starts it anew for us.
    const unknown = { ...state, authors: without(state.authors, entry.by) };
    return { state: unknown, events: [{ kind: 'unreadable', seq, user, epoch: payload.epoch }] };
  }

  const plaintext = crypto.decrypt(messageKey(crypto, fromBase64url(secret), state.room, payload.epoch), payload.token);
  const content = plaintext === null ? null : decodeContent(plaintext);
  const inPlace =
    content !== null && content.room === state.room && content.epoch === payload.epoch && content.author === entry.by;
  return inPlace ? accept(state, placed, content) : { state, events: [violation('damaged', seq, user)] };
};
