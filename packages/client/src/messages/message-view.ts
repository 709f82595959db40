/** Makes what is shown of a message from what is kept of it. */
import type { KeptMessage, MessageStore } from '@chat/message-store';
import type { RoomId } from '@chat/protocol';
import type { MessageView, QuotedMessage } from '../view.ts';

const quoteOf = ({ seq, user, fingerprint, text, file, deleted }: KeptMessage): QuotedMessage => ({
  ...{ seq, user, fingerprint, text },
  ...(file && { fileName: file.name }),
  ...(deleted === undefined ? {} : { deleted: true }),
});

/** Returns what is shown of a message. `quoted` is the message that it answers, if the client has it. */
export function messageView(message: KeptMessage, quoted: KeptMessage | null): MessageView {
  const { seq, user, fingerprint, text, at, action, file, newer, edited, deleted, reactions = [] } = message;
  const shown = reactions.flatMap((each) => (each.text === '' ? [] : [{ user: each.user, text: each.text }]));
  return {
    ...{ seq, user, fingerprint, text, at },
    ...(action && { action }),
    ...(quoted !== null && message.replyTo !== undefined && { replyTo: quoteOf(quoted) }),
    ...(file && { file: { name: file.name, size: file.size, type: file.type } }),
    ...(newer && { newer: newer.number }),
    ...(edited && { editedAt: edited.at }),
    ...(deleted && { deletedBy: deleted.by }),
    ...(shown.length > 0 && { reactions: shown }),
  };
}

/** Returns what is shown of messages of one room, with those that they answer. */
export async function messageViews(
  store: MessageStore,
  roomId: RoomId,
  messages: readonly KeptMessage[],
): Promise<readonly MessageView[]> {
  const here = new Map(messages.map((message) => [message.hash, message]));
  const views: MessageView[] = [];
  for (const message of messages) {
    const { replyTo } = message;
    const near = replyTo === undefined ? undefined : here.get(replyTo.hash);
    if (replyTo === undefined) views.push(messageView(message, null));
    // The position is part of the reference: all members find the same message, or none.
    else if (near?.seq === replyTo.seq) views.push(messageView(message, near));
    else views.push(messageView(message, await store.find(roomId, replyTo.seq, replyTo.hash)));
  }
  return views;
}
