/** The messages that a member shows who has read a whole log. */
import { changedBy, type KeptMessage } from '@chat/message-store';
import { isChange, type RoomEvent } from '@chat/room';

/** A message in a file. What a message does not have is absent. */
export interface ShownMessage {
  readonly seq: number;
  readonly user: string;
  readonly text: string;
  readonly action?: true;
  /** Position of the message that it answers. */
  readonly replyTo?: number;
  readonly file?: { readonly name: string; readonly type: string; readonly size: number; readonly blob: string };
  /** The number of a kind that is not known. */
  readonly newer?: number;
  /** Position of the latest edit. */
  readonly edited?: number;
  readonly deletedBy?: string;
  /** Users with their reactions. */
  readonly reactions?: readonly (readonly [user: string, text: string])[];
}

function written({ seq, user, text, action, file, replyTo, newer, edited, deleted, reactions = [] }: KeptMessage) {
  const now = reactions.flatMap((each) => (each.text === '' ? [] : [[each.user, each.text] as const]));
  return {
    ...{ seq, user, text },
    ...(action && { action }),
    ...(file && { file: { name: file.name, type: file.type, size: file.size, blob: file.blob } }),
    ...(replyTo && { replyTo: replyTo.seq }),
    ...(newer && { newer: newer.number }),
    ...(edited && { edited: edited.seq }),
    ...(deleted && { deletedBy: deleted.by }),
    ...(now.length > 0 && { reactions: now }),
  };
}

/** Returns what these events leave to be shown, in the order of the log. */
export function shownAfter(events: readonly RoomEvent[]): readonly ShownMessage[] {
  const messages = new Map<string, KeptMessage>();
  for (const event of events) {
    if (event.kind === 'message') {
      const { seq, user, fingerprint, at, hash, text, action, file, replyTo } = event;
      const known = replyTo === undefined ? undefined : messages.get(replyTo.hash);
      const answered = known?.seq === replyTo?.seq ? replyTo : undefined;
      messages.set(hash, { seq, user, fingerprint, at, hash, text, action, file, replyTo: answered });
    } else if (event.kind === 'newer') {
      const { seq, user, fingerprint, at, hash, number, body } = event;
      messages.set(hash, { seq, user, fingerprint, at, hash, text: '', newer: { number, body } });
    } else if (isChange(event)) {
      const { kind, seq, at, user, fingerprint, earlierKeys, target } = event;
      const message = messages.get(target.hash);
      const text = 'text' in event ? event.text : '';
      const change = { kind, seq, at, user, keys: [fingerprint, ...earlierKeys], text };
      const changed = message?.seq === target.seq ? changedBy(message, change) : null;
      if (changed !== null) messages.set(target.hash, changed);
    }
  }
  return [...messages.values()].map(written);
}
