/**
 * How later messages change an earlier one. Copies of one message that have different changes are joined: the result does not depend on
 * their order, so that a log that is read again, in parts or under two names, ends with the same message.
 */
import { byPlace, type KeptMessage, type KeptReaction, type PlacedMessage } from './message.ts';

/** A change of a message. */
export interface MessageChange {
  /** Position of the message that says it. */
  readonly seq: number;
  /** Milliseconds since 1970, by the author's clock. */
  readonly at: number;
  /** The user name of who says it. */
  readonly user: string;
  /** The fingerprints under which messages of this user are the user's own. */
  readonly keys: readonly string[];
  /** A `hidden` is of a user who may hide messages of others. */
  readonly kind: 'edited' | 'deleted' | 'reacted' | 'hidden';
  /** The text of an edit; a reaction, or an empty text to withdraw it. */
  readonly text: string;
}

/** The number of users whose reactions to one message count: those that came first. */
export const maxReactions = 256;

const editOf = ({ edited }: KeptMessage): number => edited?.seq ?? 0;

/** Returns what is left of a deleted message: that there was one. */
function tombstone<T extends KeptMessage>(message: T, deleted: NonNullable<KeptMessage['deleted']>): T {
  const { action: _a, replyTo: _r, file: _f, newer: _n, edited: _e, reactions: _s, ...rest } = message;
  return { ...rest, text: '', deleted } as unknown as T;
}

/**
 * Returns a message after a change; null if the change counts for nothing: it is not of the author, the message is deleted, or nothing would
 * be different.
 */
export function changedBy<T extends KeptMessage>(message: T, change: MessageChange): T | null {
  const { kind, seq, at, user, keys, text } = change;
  if (message.deleted !== undefined || message.seq >= seq) return null;
  if (kind === 'hidden') return tombstone(message, { seq, at, by: user });
  if (kind === 'reacted') return withReaction(message, { user, first: seq, seq, text });
  if (!keys.includes(message.fingerprint)) return null;
  if (kind === 'deleted') return tombstone(message, { seq, at, by: message.user });
  return message.newer !== undefined || editOf(message) >= seq ? null : { ...message, text, edited: { seq, at } };
}

function withReaction<T extends KeptMessage>(message: T, reaction: KeptReaction): T | null {
  const { reactions = [] } = message;
  const before = reactions.find(({ user }) => user === reaction.user);
  if ((before?.text ?? '') === reaction.text || (before !== undefined && before.seq >= reaction.seq)) return null;
  if (before === undefined && reactions.length >= maxReactions) return null;
  return { ...message, reactions: joinedReactions(reactions, [reaction]) };
}

function joinedReactions(a: readonly KeptReaction[], b: readonly KeptReaction[]): readonly KeptReaction[] {
  const byUser = new Map<string, KeptReaction>();
  for (const each of [...a, ...b]) {
    const other = byUser.get(each.user);
    const latest = other === undefined || each.seq > other.seq ? each : other;
    byUser.set(each.user, { ...latest, first: Math.min(each.first, other?.first ?? each.first) });
  }
  return [...byUser.values()].sort((x, y) => x.first - y.first).slice(0, maxReactions);
}

/** Returns whether two messages at one position are copies of one. */
export function areSame(a: KeptMessage, b: KeptMessage): boolean {
  if (a.hash !== undefined && b.hash !== undefined) return a.hash === b.hash;
  return a.at === b.at && a.text === b.text && a.user === b.user && a.fingerprint === b.fingerprint;
}

/** Returns a message with the changes of both copies. */
export function joined<T extends KeptMessage>(a: T, b: T): T {
  const earliest = [a.readAt, b.readAt].filter((readAt) => readAt !== undefined);
  const common = {
    ...(a.hash === undefined && b.hash !== undefined ? { hash: b.hash } : {}),
    ...(earliest.length === 0 ? {} : { readAt: Math.min(...earliest) }),
  };
  if (a.deleted !== undefined || b.deleted !== undefined) {
    const first = (b.deleted?.seq ?? Number.POSITIVE_INFINITY) < (a.deleted?.seq ?? Number.POSITIVE_INFINITY) ? b : a;
    return { ...first, ...common };
  }
  const latest = editOf(b) > editOf(a) ? b : a;
  const reactions = joinedReactions(a.reactions ?? [], b.reactions ?? []);
  const { action = b.action, replyTo = b.replyTo, file = b.file, newer = b.newer } = a;
  return {
    ...latest,
    ...common,
    ...(action === undefined ? {} : { action }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(file === undefined ? {} : { file }),
    ...(newer === undefined ? {} : { newer }),
    ...(reactions.length === 0 ? {} : { reactions }),
  };
}

/** Returns whether a copy lacks changes that another one has. */
export function lacksChanges(copy: KeptMessage, other: KeptMessage): boolean {
  const both = joined(copy, other);
  const parts = ({ hash, edited, deleted, reactions }: KeptMessage) =>
    JSON.stringify([hash, edited?.seq, deleted?.seq, reactions]);
  return parts(both) !== parts(copy);
}

/**
 * Returns each message once, with its changes. A log that is read again has messages again; another message at the same position, of a log that a
 * restored server has continued otherwise, is one of its own.
 *
 * @param messages ordered by `byPlace`
 */
export function withoutRepeated(messages: readonly PlacedMessage[]): readonly PlacedMessage[] {
  const kept: PlacedMessage[] = [];
  for (const message of messages) {
    const index = kept.findLastIndex((other) => byPlace(other, message) !== 0 || areSame(other, message));
    const same = kept[index];
    if (same === undefined || byPlace(same, message) !== 0) kept.push(message);
    else kept[index] = joined(same, message);
  }
  return kept;
}
