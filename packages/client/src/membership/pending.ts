/** The rooms that wait for this user, and those that they asked to be let into: once that is granted, they join. */
import type { RoomId, RoomName } from '@chat/protocol';
import { composeKnock } from '@chat/room';
import { authorOf, type ClientContext, explain, isDisconnection } from '../context.ts';
import { isRefusal } from '../refusal.ts';
import type { RoomSet } from '../room/room-set.ts';
import type { InvitationView } from '../view.ts';
import { joinRoom } from './join.ts';
import { listInvitations } from './room-list.ts';

type Invited = Omit<InvitationView, 'policy'>;

export class Invitations {
  readonly #context: ClientContext;
  readonly #rooms: RoomSet;
  readonly #knocked: Map<RoomId, RoomName>;
  /** Those that the person was told of. */
  readonly #told = new Set<RoomId>();

  /** @param knocked where this user waits to be let in */
  constructor(context: ClientContext, rooms: RoomSet, knocked: Readonly<Record<RoomId, RoomName>>) {
    this.#context = context;
    this.#rooms = rooms;
    this.#knocked = new Map(Object.entries(knocked));
  }

  toJSON(): Record<RoomId, RoomName> {
    return Object.fromEntries(this.#knocked);
  }

  list(): Promise<readonly InvitationView[]> {
    return listInvitations(this.#context);
  }

  /** That this user wants to be let in is stored before the room's members hear of it: then it is remembered if they do. */
  async knock(name: RoomName): Promise<void> {
    const { request, save } = this.#context;
    const { room, invitedAt } = await request('find-room', { name });
    if (invitedAt !== null) {
      await this.#rooms.once(name, () => joinRoom(this.#context, this.#rooms, name));
      return;
    }
    this.#knocked.set(room, name);
    await save();
    try {
      await request('knock', { room, knock: composeKnock(authorOf(this.#context), room) });
    } catch (error) {
      if (isRefusal(error)) this.joined(room);
      throw error;
    }
  }

  /** This user is in: should they leave, a later invitation finds them asked. */
  joined(room: RoomId): void {
    this.#told.delete(room);
    if (this.#knocked.delete(room)) this.#context.saveSoon();
  }

  /** A member has let this user in, just now. */
  invited(invitation: Invited): void {
    void this.#attempt(async () => {
      if (await this.#enter(invitation)) return;
      const { policy } = await this.#context.request('find-room', { name: invitation.roomName });
      this.#tell({ ...invitation, policy });
    });
  }

  /** To be called after each login: what was granted meanwhile is found. */
  connected(): void {
    void this.#attempt(async () => {
      for (const invitation of await this.list()) {
        if (!(await this.#enter(invitation)) && !this.#told.has(invitation.roomId)) this.#tell(invitation);
      }
    });
  }

  /** Joins the room if this user has asked for it; resolves with whether they had. */
  async #enter({ roomId }: Invited): Promise<boolean> {
    const name = this.#knocked.get(roomId);
    if (name === undefined) return false;
    await this.#attempt(async () => {
      await this.#rooms.once(name, () => joinRoom(this.#context, this.#rooms, name, roomId));
      this.joined(roomId);
    });
    return true;
  }

  #tell(invitation: InvitationView): void {
    this.#told.add(invitation.roomId);
    this.#context.emit({ kind: 'invited', ...invitation });
  }

  /** What fails for want of a connection is done after the next login. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isDisconnection(error)) this.#context.emit({ kind: 'trouble', ...explain(error) });
    }
  }
}
