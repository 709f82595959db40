/** The user's invitations and knocks. Once a member grants a knock, the client joins by itself. */
import type { RoomId, RoomName } from '@chat/protocol';
import { composeKnock, composeRenewKey } from '@chat/room';
import { authorOf, type ClientContext, newClientId } from '../context.ts';
import { reactionTo } from '../error-policy.ts';
import { explain, isDisconnection, isRefusal } from '../errors.ts';
import { ReportedIds } from '../intake-bounds.ts';
import type { RoomSet } from '../room/room-set.ts';
import type { Stored } from '../storage/stored-state.ts';
import type { InvitationView } from '../view.ts';
import { directInvited, finishSettling } from './direct.ts';
import { joinRoom } from './join.ts';
import { listInvitations } from './room-list.ts';

type PushedInvitation = Omit<InvitationView, 'policy'>;

/** Invitations that are reported: more than a user reads, and few enough to keep in memory. */
const maxReported = 1_000;

/** The invitations and knocks of one user. */
export class Invitations {
  readonly #context: ClientContext;
  readonly #rooms: RoomSet;
  readonly #knocked: Map<RoomId, RoomName>;
  /** Invitations that were reported. */
  readonly #reported = new ReportedIds(maxReported);

  #renewInvitations: true | undefined;

  /** @param stored the stored knocks, and whether rooms with an invitation lack the user's renewed key */
  constructor(
    context: ClientContext,
    rooms: RoomSet,
    { knocked, renewInvitations }: Pick<Stored, 'knocked' | 'renewInvitations'>,
  ) {
    this.#renewInvitations = renewInvitations;
    this.#context = context;
    this.#rooms = rooms;
    this.#knocked = new Map(Object.entries(knocked));
  }

  /** True after a renewal of the user's identity key, until the rooms to which the user is invited have the new one. */
  get renewInvitations(): true | undefined {
    return this.#renewInvitations;
  }

  /** Returns the stored knocks. */
  toJSON(): Record<RoomId, RoomName> {
    return Object.fromEntries(this.#knocked);
  }

  /** Returns the user's invitations to rooms. */
  list(): Promise<readonly InvitationView[]> {
    return listInvitations(this.#context);
  }

  /** Knocks at a room. The knock is stored before the members see it, so that the client remembers it if they grant it. */
  async knock(roomName: RoomName): Promise<void> {
    const { request, save } = this.#context;
    const { room: roomId, invitedAt } = await request('find-room', { name: roomName });
    if (invitedAt !== null) {
      await this.#rooms.inTurn(roomName, () => joinRoom(this.#context, this.#rooms, roomName));
      return;
    }
    this.#knocked.set(roomId, roomName);
    await save();
    try {
      await request('knock', { room: roomId, knock: composeKnock(authorOf(this.#context), roomId) });
    } catch (error) {
      if (isRefusal(error)) this.ended(roomId);
      throw error;
    }
  }

  /** Forgets knock and invitation. To be called after a join or a decline, so that a later invitation to the room is reported. */
  ended(roomId: RoomId): void {
    this.#reported.delete(roomId);
    if (this.#knocked.delete(roomId)) this.#context.saveSoon();
  }

  /** Takes an invitation that a member has just sent. */
  invited(invitation: PushedInvitation): void {
    void this.#attempt(async () => {
      if (await this.#joinIfKnocked(invitation)) return;
      const { policy } = await this.#context.request('find-room', { name: invitation.roomName });
      await this.#take({ ...invitation, policy });
    });
  }

  /** To be called after each login. Takes the invitations that came while the client was away. */
  connected(): void {
    this.#reported.renew();
    void this.#attempt(async () => {
      const knockedBefore = [...this.#knocked.keys()];
      const waiting = knockedBefore.length === 0 ? [] : (await this.#context.request('list-own-knocks', {})).rooms;
      const invitations = await this.list();
      await this.#renewKeys(invitations);
      const isOpen = (roomId: RoomId) => waiting.includes(roomId) || invitations.some((one) => one.roomId === roomId);
      for (const roomId of knockedBefore) if (!isOpen(roomId)) this.#knockEnded(roomId);
      for (const invitation of invitations) {
        const isDone = (await this.#joinIfKnocked(invitation)) || this.#reported.has(invitation.roomId);
        if (!isDone) await this.#take(invitation);
      }
      await finishSettling(this.#context, this.#rooms);
    });
  }

  /** Gives the rooms to which the user is invited the renewed key, without which the user cannot join them. */
  async #renewKeys(invitations: readonly InvitationView[]): Promise<void> {
    const { ownChain, crypto, request, saveSoon, identities, emit } = this.#context;
    if (this.#renewInvitations === undefined || ownChain === null) return;
    let isDone = true;
    for (const { roomId } of invitations) {
      const entry = composeRenewKey(authorOf(this.#context), roomId, ownChain);
      await request('append', { room: roomId, cid: newClientId(crypto), entry }).catch((error: unknown) => {
        const reaction = reactionTo('renew-invitation', error);
        if (reaction === 'retry') throw error;
        if (reaction === 'done') return;
        isDone = false;
        emit({ kind: 'trouble', ...explain(error) });
      });
    }
    if (!isDone) return;
    this.#renewInvitations = undefined;
    saveSoon();
    identities.ownRenewed();
  }

  /** Joins the room if the user has knocked there; resolves with whether they had. */
  async #joinIfKnocked({ roomId }: PushedInvitation): Promise<boolean> {
    const roomName = this.#knocked.get(roomId);
    if (roomName === undefined) return false;
    await this.#attempt(async () => {
      await this.#rooms.inTurn(roomName, () => joinRoom(this.#context, this.#rooms, roomName, roomId));
      this.ended(roomId);
    });
    return true;
  }

  /** The server lists neither the knock nor an invitation that answers it. */
  #knockEnded(roomId: RoomId): void {
    const roomName = this.#knocked.get(roomId);
    const isIn = this.#rooms.get(roomId)?.ownMembership.isActive === true;
    this.ended(roomId);
    if (roomName !== undefined && !isIn) this.#context.emit({ kind: 'knock-ended', roomId, roomName });
  }

  async #take(invitation: InvitationView): Promise<void> {
    const isDirect = invitation.policy.join === 'direct';
    if (isDirect && (await directInvited(this.#context, this.#rooms, invitation))) return;
    this.#report(invitation);
  }

  #report(invitation: InvitationView): void {
    const reporting = this.#reported.note(invitation.roomId);
    if (reporting === 'too-many') {
      const reason = `The server has reported more than ${maxReported} invitations since you connected: no more are reported before you connect again. The list of invitations shows all.`;
      this.#context.emit({ kind: 'trouble', code: 'too-many-reports', reason });
    }
    if (reporting === 'new' || reporting === 'known') this.#context.emit({ kind: 'invited', ...invitation });
  }

  /** Work that fails with the connection is done after the next login. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isDisconnection(error)) this.#context.emit({ kind: 'trouble', ...explain(error) });
    }
  }
}
