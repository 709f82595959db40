/** What a guest knows of the client of the holder: its rooms and its state, as they were when the last message came. */
import type { UserName } from '@chat/protocol';
import { defaultAttention } from '../../attention/settings.ts';
import { skeletonOf } from '../../identity/look-alike.ts';
import type { RoomView } from '../../view.ts';
import type { Changes, ClientStatus } from './local-messages.ts';

const unknown: ClientStatus = {
  online: false,
  refusal: null,
  isRenewingKey: false,
  areMessagesDamaged: false,
  changedIdentities: [],
  attention: defaultAttention,
  known: 0,
};

/** The mirror of one client. */
export class Mirror {
  readonly #rooms = new Map<string, RoomView>();
  #status = unknown;
  #names: readonly UserName[] = [];
  #isSilent = false;

  /** Takes what has changed. A room that is new comes with all of its fields. */
  apply({ status, names, rooms, gone }: Changes): void {
    for (const room of rooms) {
      this.#rooms.set(room.roomId, { ...this.#rooms.get(room.roomId), ...room } as RoomView);
    }
    for (const roomId of gone) this.#rooms.delete(roomId);
    if (status !== undefined) {
      // What one holder has found of the files, another one may not have read yet.
      const areMessagesDamaged = status.areMessagesDamaged || this.#status.areMessagesDamaged;
      this.#status = { ...status, areMessagesDamaged };
    }
    this.#names = names ?? this.#names;
  }

  /** Takes everything that a holder shows when it admits this program. What another one has shown is forgotten. */
  begin(changes: Changes): void {
    this.#rooms.clear();
    this.#isSilent = false;
    this.apply(changes);
  }

  /** To be called when the holder is gone: nothing is connected then. */
  lost(): void {
    this.#status = { ...this.#status, online: false };
    for (const [roomId, room] of this.#rooms) this.#rooms.set(roomId, { ...room, caughtUp: false });
  }

  /** To be called when nothing comes from the holder any more, and when something comes again. Meanwhile nothing is connected. */
  silence(isSilent: boolean): void {
    this.#isSilent = isSilent;
  }

  /** What the client answers at once, besides its rooms. */
  get status(): ClientStatus {
    return this.#isSilent ? { ...this.#status, online: false } : this.#status;
  }

  /** The joined rooms, ordered by name. */
  rooms(): readonly RoomView[] {
    return [...this.#rooms.values()].sort((a, b) => (a.roomName < b.roomName ? -1 : 1));
  }

  /** Returns one joined room; null if there is none of this name. */
  room(roomName: string): RoomView | null {
    return [...this.#rooms.values()].find((room) => room.roomName === roomName) ?? null;
  }

  /** Returns a known user, or the local user `me`, whose name looks like this other one; null if there is none. */
  lookAlike(user: UserName, me: UserName): UserName | null {
    const look = skeletonOf(user);
    return [me, ...this.#names].find((other) => other !== user && skeletonOf(other) === look) ?? null;
  }
}
