/**
 * Ends invitations that their users have not accepted, as one of the members who may withdraw them. The server has refused the join for some
 * time by then; only the withdrawal ends that keys are made for the invited user. Withdrawals are few in an hour: each makes messages
 * wait for a fresh key, and the server bounds them. Those of one hour follow each other at once, so that one key answers all.
 */
import type { Invitation } from '@chat/room';
import type { ClientContext } from '../context.ts';
import { reactionTo } from '../error-policy.ts';
import { ClientError, explain, isDisconnection } from '../errors.ts';
import { effectTimeoutMs } from '../room/room-append.ts';
import type { RoomSession } from '../room/room-session.ts';
import type { RoomSet } from '../room/room-set.ts';
import { withdrawInvitation } from './decide.ts';
import { endedInvitations, seenInvitations } from './invitation-age.ts';

/** How often the rooms are looked through. It is also how much later than the log shows it an invitation may be noted. */
const periodMs = 60 * 60 * 1000;
/** Withdrawals at a time in one room, and the time to the next ones: a server takes 12 in an hour, and the user may need some. */
const batch = { size: 8, pauseMs: 45 * 60 * 1000 };

const catchUpLimit = {
  timeoutMs: effectTimeoutMs,
  failure: () => new ClientError('timed-out', 'The server has not sent the log of a room yet.'),
};

/** Notes the invitations of all rooms, and withdraws those that have ended. */
export class InvitationEnds {
  readonly #context: ClientContext;
  readonly #rooms: RoomSet;
  /** Changes with each login and each loss of the connection. */
  #connections = 0;
  #reported = false;
  #cancelNext: () => void = () => undefined;

  constructor(context: ClientContext, rooms: RoomSet) {
    this.#context = context;
    this.#rooms = rooms;
  }

  /** To be called after each login. Looks each room through once it is read, and then all of them each hour. */
  connected(): void {
    this.#connections += 1;
    this.#reported = false;
    for (const session of this.#rooms) if (session.ownMembership.isActive) void this.#begin(session);
    this.#plan();
  }

  /** To be called when the connection is lost, and when the client closes. */
  disconnected(): void {
    this.#connections += 1;
    this.#cancelNext();
  }

  #plan(): void {
    this.#cancelNext();
    this.#cancelNext = this.#context.scheduler.after(periodMs, () => {
      for (const session of this.#rooms) void this.#review(session);
      this.#plan();
    });
  }

  async #begin(session: RoomSession): Promise<void> {
    const connection = this.#connections;
    const isRead = await session.conditions
      .until(() => session.isCaughtUp, catchUpLimit)
      .then(
        () => true,
        () => false,
      );
    if (isRead && connection === this.#connections) await this.#review(session);
  }

  async #review(session: RoomSession): Promise<void> {
    const { ownMembership, isCaughtUp } = session;
    if (!isCaughtUp || !ownMembership.isActive || ownMembership.isRereading) return;
    noteInvitations(this.#context, session);
    const now = this.#context.scheduler.now();
    const { withdrewAt = 0 } = session.stored;
    const ended = endedInvitations(session.stored, now).slice(0, batch.size);
    if (ended.length === 0 || (withdrewAt <= now && now - withdrewAt < batch.pauseMs)) return;
    session.keep({ withdrewAt: now });
    for (const invitation of ended) {
      if (!(await this.#end(session, invitation))) return;
    }
    // A user may have knocked meanwhile, because the server had ended the invitation before.
    void session.knocks.review(session.state);
  }

  /** Returns whether the next one follows. */
  async #end(session: RoomSession, invitation: Invitation): Promise<boolean> {
    const { emit, scheduler } = this.#context;
    const { roomId, roomName, stored } = session;
    const { user, fingerprint } = invitation;
    const forMs = scheduler.now() - (stored.invitations?.[fingerprint]?.since ?? 0);
    try {
      await withdrawInvitation(this.#context, session, invitation);
      emit({ kind: 'invitation-ended', roomId, roomName, user, fingerprint, forMs });
      return true;
    } catch (error) {
      if (isDisconnection(error)) return false;
      const reaction = reactionTo('withdraw', error);
      if (reaction === 'report-and-retry' && !this.#reported) {
        this.#reported = true;
        emit({ kind: 'trouble', ...explain(error) });
      }
      return reaction === 'done';
    }
  }
}

/** Stores when the client first knew of the room's invitations. */
export function noteInvitations({ scheduler, saveSoon }: ClientContext, session: RoomSession): void {
  const invitations = seenInvitations(session.stored, scheduler.now());
  if (invitations === session.stored.invitations) return;
  session.keep({ invitations });
  saveSoon();
}
