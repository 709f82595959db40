/** What a room's log reports: to the feeds of its followers, and to users who were invited. */
import {
  parsePayload,
  type RoomId,
  type RoomName,
  type SignedEntry,
  type SignedKnock,
  type UserName,
} from '@chat/protocol';
import type { Room } from '../ports/room-store.ts';
import type { WrapSheet } from '../ports/wrap-sheet.ts';
import type { CheckedEntry } from './damage/log-check.ts';
import type { Restored } from './restoration/restorable-log.ts';

/** Receives the durable entries, states and knocks of one room. */
export interface RoomListener {
  /** Called when an entry is durable: in order, and once for each. MUST NOT throw. */
  entry(entry: CheckedEntry): void;
  /** Called with the wraps of an epoch, before its entry. `after` is the room's state with the epoch. MUST NOT throw. */
  wraps(sheets: readonly WrapSheet[], after: Room): void;
  /** Called with the room's state after the entries so far. MUST NOT throw. */
  state(state: Room): void;
  /** Called when members have given back entries that the server had lost. MUST NOT throw. */
  restored(restored: Restored): void;
  /** Called with the positions of rows that were found damaged. MUST NOT throw. */
  wanted(positions: readonly number[]): void;
  /** Called when a knock is durable. MUST NOT throw. */
  knock(knock: SignedKnock): void;
  /** Called when the operator has deleted the room. MUST NOT throw. */
  deleted(): void;
  /** Returns how many other users follow the room now. */
  othersThan(user: UserName): number;
}

/** A durable invitation, as the invited user is notified of it. */
export interface InvitationNotice {
  readonly room: RoomId;
  readonly name: RoomName;
  /** The inviting member. */
  readonly by: UserName;
}

/** Returns the user whom an entry invites, with the notice; null for another entry, and in a closed room. */
export function invitationIn(
  { type, payload }: SignedEntry,
  { room, name }: Room,
): { readonly user: UserName; readonly notice: InvitationNotice } | null {
  const invitation = type === 'invite' ? parsePayload('invite', payload) : null;
  if (invitation === null || name === null) return null;
  return { user: invitation.user, notice: { room, name, by: invitation.author } };
}

/** Passes everything on to the listeners of one room. */
export class RoomListeners implements RoomListener {
  readonly #listeners = new Set<RoomListener>();

  /** Adds a listener. The returned function removes it. */
  add(listener: RoomListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  entry(entry: CheckedEntry): void {
    for (const listener of this.#listeners) listener.entry(entry);
  }

  wraps(sheets: readonly WrapSheet[], after: Room): void {
    for (const listener of this.#listeners) listener.wraps(sheets, after);
  }

  state(state: Room): void {
    for (const listener of this.#listeners) listener.state(state);
  }

  restored(restored: Restored): void {
    for (const listener of this.#listeners) listener.restored(restored);
  }

  wanted(positions: readonly number[]): void {
    for (const listener of this.#listeners) listener.wanted(positions);
  }

  knock(knock: SignedKnock): void {
    for (const listener of this.#listeners) listener.knock(knock);
  }

  deleted(): void {
    for (const listener of this.#listeners) listener.deleted();
  }

  othersThan(user: UserName): number {
    let others = 0;
    for (const listener of this.#listeners) others += listener.othersThan(user);
    return others;
  }
}
