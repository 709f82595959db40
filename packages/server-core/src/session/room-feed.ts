/** The live side of a room: its followers, their presence, and the broadcast to those who have caught up. */
import {
  encodeEntryPush,
  encodeFrame,
  encodeWrapPush,
  limits,
  type Push,
  type RoomId,
  type SignedKnock,
  type UserName,
} from '@chat/protocol';
import type { Range } from '../domain/damage/hidden-range.ts';
import type { CheckedEntry } from '../domain/damage/log-check.ts';
import { Presence, type PresenceChange } from '../domain/presence.ts';
import type { Restored } from '../domain/restoration/restorable-log.ts';
import type { RoomListener } from '../domain/room-listener.ts';
import type { RoomLog } from '../domain/room-log.ts';
import type { Room } from '../ports/room-store.ts';
import { type WrapSheet, wrapsIn } from '../ports/wrap-sheet.ts';
import { Broadcast, type FannedOut, type Sink } from '../wire/broadcast.ts';
import type { FramedPage, HiddenPages } from './hidden-pages.ts';
import { type PresenceLimits, PresenceNews } from './presence-news.ts';

/** One connection that follows the room. */
export interface Follower {
  readonly user: UserName;
  readonly sink: Sink;
  /** True when the connection has caught up, so that the broadcast reaches it. */
  readonly live: boolean;
  /** Ends the subscription once the entry at this position has been sent. */
  endAt(seq: number): void;
}

/** Returns the push with which a member gets an entry, or the gap in its place. */
function pushOf(room: RoomId, item: CheckedEntry): Push {
  if (!('entry' in item)) return { push: 'gap', room, ...item };
  const { seq, at, entry } = item;
  return { push: 'entry', room, seq, at, entry };
}

/** Returns the push that informs a member of entries that members have given back. */
export const restoredPush = (room: RoomId, restored: Restored): Push => ({
  push: 'restored',
  room,
  ...restored,
  by: [...restored.by],
});

/** Returns the pushes that ask members for entries whose rows are damaged. */
export function wantedPushes(room: RoomId, positions: readonly number[]): readonly Push[] {
  const pushes: Push[] = [];
  for (let from = 0; from < positions.length; from += limits.entriesPerRestore) {
    pushes.push({ push: 'entries-wanted', room, positions: positions.slice(from, from + limits.entriesPerRestore) });
  }
  return pushes;
}

/** Options of `RoomFeed`. */
export interface RoomFeedOptions {
  readonly log: RoomLog;
  /** Stands for the room in the frames of its entries, the same on all connections. */
  readonly number: number;
  /** Keeps what all newcomers of the room get. */
  readonly hidden: HiddenPages;
  readonly limits: PresenceLimits;
  readonly fannedOut: FannedOut;
}

/** The live feed of one room. */
export class RoomFeed implements RoomListener {
  readonly log: RoomLog;
  readonly number: number;
  readonly #hidden: HiddenPages;
  readonly #broadcast: Broadcast;
  readonly #presence = new Presence(limits.presenceNames);
  readonly #news: PresenceNews;
  readonly #followers = new Set<Follower>();
  /** Position of the latest removal after which the followers were checked. */
  #removalSeq = 0;

  constructor({ log, number, hidden, limits: presenceLimits, fannedOut }: RoomFeedOptions) {
    this.log = log;
    this.#broadcast = new Broadcast(fannedOut);
    this.number = number;
    this.#hidden = hidden;
    this.#news = new PresenceNews({
      presence: this.#presence,
      limits: presenceLimits,
      send: (changes, connected) => this.#announce(changes, connected),
    });
    this.#removalSeq = log.state?.removalSeq ?? 0;
  }

  /** Who follows the room: the names of those who have followed it the longest, and how many users do. */
  get online(): { readonly online: UserName[]; readonly connected: number } {
    return { online: this.#presence.named, connected: this.#presence.count };
  }

  get empty(): boolean {
    return this.#followers.size === 0;
  }

  follow(follower: Follower): void {
    this.#news.changed(this.#presence.arrive(follower.user));
    this.#followers.add(follower);
  }

  unfollow(follower: Follower): void {
    if (!this.#followers.delete(follower)) return;
    this.#broadcast.delete(follower.sink);
    this.#news.changed(this.#presence.depart(follower.user));
    if (this.empty) this.#news.stop();
  }

  /** Adds a sink to the broadcast: it gets everything that is published from now on. */
  goLive(sink: Sink): void {
    this.#broadcast.add(sink);
  }

  /** Sends the frames that were collected in this tick. */
  flush(): void {
    this.#broadcast.flush();
  }

  entry(entry: CheckedEntry): void {
    this.#broadcast.push(this.frameOf(entry));
  }

  wraps(sheets: readonly WrapSheet[], { members, epoch }: Room): void {
    if (epoch === null || this.empty) return;
    const users = new Map(members.map(({ fingerprint, user }) => [fingerprint, user]));
    const wraps = new Map<UserName, Uint8Array>();
    for (const { recipient, wrap } of sheets.flatMap(wrapsIn)) {
      const user = users.get(recipient);
      if (user !== undefined) wraps.set(user, encodeWrapPush(this.number, epoch.number, wrap));
    }
    // Those who are still catching up ask for it. The broadcast sends the entry later than this.
    for (const { user, live, sink } of this.#followers) {
      const frame = live ? wraps.get(user) : undefined;
      if (frame !== undefined) sink.write(frame);
    }
  }

  /** Reads the frames of the next positions for a member who may not read the messages there. */
  readHidden(range: Range): Promise<FramedPage> {
    return this.#hidden.read(this, range);
  }

  /** Returns the frame with which a member gets an entry, or the gap in its place. */
  frameOf(item: CheckedEntry): Uint8Array {
    const compact = 'entry' in item ? encodeEntryPush(this.number, item) : null;
    return compact ?? encodeFrame(pushOf(this.log.id, item));
  }

  state({ head, members, removalSeq }: Room): void {
    if (removalSeq === this.#removalSeq) return;
    this.#removalSeq = removalSeq;
    const users = new Set(members.map((member) => member.user));
    for (const follower of this.#followers) if (!users.has(follower.user)) follower.endAt(head);
  }

  knock(knock: SignedKnock): void {
    this.sendToAll({ push: 'knock', room: this.log.id, knock });
  }

  wanted(positions: readonly number[]): void {
    for (const push of wantedPushes(this.log.id, positions)) this.sendToAll(push);
  }

  restored(restored: Restored): void {
    this.sendToAll(restoredPush(this.log.id, restored));
  }

  deleted(): void {
    this.sendToAll({ push: 'room-deleted', room: this.log.id });
    this.flush();
    for (const follower of [...this.#followers]) follower.endAt(0);
  }

  othersThan(user: UserName): number {
    return this.#presence.othersThan(user);
  }

  /** Sends a push to the user's connections that follow the room. Returns whether there are any. */
  sendTo(user: UserName, push: Push): boolean {
    const own = [...this.#followers].filter((follower) => follower.user === user);
    const frame = own.length === 0 ? null : encodeFrame(push);
    for (const { sink } of own) if (frame !== null) sink.write(frame);
    return own.length > 0;
  }

  #announce(changes: readonly PresenceChange[], connected: number): void {
    this.sendToAll({ push: 'presence', room: this.log.id, changes: [...changes], connected });
  }

  /** Sends a push to all followers. */
  sendToAll(push: Push): void {
    const frame = encodeFrame(push);
    this.#broadcast.push(frame);
    // The broadcast does not reach followers that are still catching up. They get the frame after the answer to `subscribe`.
    const others = [...this.#followers].filter((follower) => !follower.live);
    setImmediate(() => {
      for (const { sink } of others) sink.write(frame);
    });
  }
}
