/** Takes everything up when the connection is there, and puts it down when it goes. */
import type { Push } from '@chat/protocol';
import type { ClientContext } from './context.ts';
import type { PrekeyRing } from './keys/prekey-ring.ts';
import type { Invitations } from './membership/pending.ts';
import type { RoomSet } from './room/room-set.ts';

export interface Resumed {
  readonly emit: ClientContext['emit'];
  readonly prekeys: PrekeyRing;
  readonly rooms: RoomSet;
  readonly invitations: Invitations;
}

export class PushRouter {
  readonly #resumed: Resumed;
  #logins = 0;
  #online = false;
  #done: Promise<void> = Promise.resolve();

  constructor(resumed: Resumed) {
    this.#resumed = resumed;
  }

  /** Resolves when what the latest login began has begun in the rooms too. */
  get done(): Promise<void> {
    return this.#done;
  }

  push(push: Push): void {
    const { rooms, invitations } = this.#resumed;
    if (push.push === 'invited') {
      const { room: roomId, name: roomName, by } = push;
      invitations.invited({ roomId, roomName, by });
    } else rooms.route(push);
  }

  online(): void {
    this.#online = true;
    this.#resumed.emit({ kind: 'connection', status: 'online' });
    this.#done = this.#enter();
  }

  offline(reason: string, retryInMs: number): void {
    this.#disconnected();
    this.#resumed.emit({ kind: 'connection', status: 'offline', reason, retryInMs });
  }

  refused(code: string, reason: string): void {
    this.#disconnected();
    this.#resumed.emit({ kind: 'refused', code, reason });
  }

  /** Others have a prekey to wrap keys to before anything is done in a room. */
  async #enter(): Promise<void> {
    const { prekeys, rooms, invitations } = this.#resumed;
    this.#logins += 1;
    const login = this.#logins;
    await prekeys.publish();
    // The connection was lost meanwhile: the next login does all of this.
    if (login !== this.#logins || !this.#online) return;
    rooms.connected();
    invitations.connected();
  }

  #disconnected(): void {
    const { prekeys, rooms } = this.#resumed;
    this.#online = false;
    prekeys.disconnected();
    rooms.disconnected();
  }
}
