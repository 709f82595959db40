/** Routes the server's pushes to the rooms, and starts and stops the rooms with the connection. */
import type { Push } from '@chat/protocol';
import type { Connection } from './connection/connection.ts';
import type { UplinkHandlers } from './connection/uplink.ts';
import type { ClientContext, KnownAuthorities } from './context.ts';
import { accessRevoked, type Explanation } from './errors.ts';
import type { ClientFiles } from './files/client-files.ts';
import type { ClientLinks } from './keys/links/client-links.ts';
import type { PrekeyRing } from './keys/prekey-ring.ts';
import type { InvitationEnds } from './membership/invitation-ends.ts';
import type { Invitations } from './membership/pending.ts';
import type { ClientRecovery } from './recovery/client-recovery.ts';
import type { RoomSession } from './room/room-session.ts';
import type { RoomSet } from './room/room-set.ts';

/** The parts to which a router passes what the server sends. */
export interface RoutedParts {
  readonly emit: ClientContext['emit'];
  readonly authority: KnownAuthorities;
  readonly prekeys: PrekeyRing;
  readonly links: ClientLinks;
  readonly rooms: RoomSet;
  readonly invitations: Invitations;
  readonly invitationEnds: InvitationEnds;
  readonly files: Pick<ClientFiles, 'connected'>;
  readonly recovery: Pick<ClientRecovery, 'connected' | 'disconnected'>;
}

type RoomPush = Exclude<Extract<Push, { room: string }>, { push: 'invited' | 'room-deleted' }>;

/** The handlers of a client's uplink. */
export class PushRouter implements UplinkHandlers {
  readonly #parts: RoutedParts;
  #logins = 0;
  #isOnline = false;
  #resumed: Promise<void> = Promise.resolve();

  constructor(parts: RoutedParts) {
    this.#parts = parts;
  }

  /** Resolves when the latest login has reached the rooms. */
  get resumed(): Promise<void> {
    return this.#resumed;
  }

  readonly push = (push: Push): void => {
    const { rooms, invitations } = this.#parts;
    if (push.push === 'invited') {
      invitations.invited({ roomId: push.room, roomName: push.name, by: push.by });
      return;
    }
    if (push.push === 'links-waiting') {
      void this.#parts.links.mail.fetch();
      return;
    }
    // A greeting after the first push has no meaning and is ignored.
    if (!('room' in push)) return;
    const session = rooms.get(push.room);
    if (session === null) return;
    if (push.push === 'room-deleted') rooms.deleted(session);
    else routeTo(session, push);
  };

  /** Learns of the server's authorities before any room is read, because they verify its `revoke` entries. */
  readonly greeted = async (connection: Pick<Connection, 'request'>, digest: string | null): Promise<void> => {
    const { authority, rooms, emit } = this.#parts;
    const news = await authority.greeted?.(digest, () => connection.request('get-authority', {}));
    rooms.knowAuthorities(authority);
    for (const each of news ?? []) emit({ kind: 'authority', ...each });
  };

  readonly online = (): void => {
    this.#isOnline = true;
    this.#parts.emit({ kind: 'connection', status: 'online' });
    this.#resumed = this.#resume();
  };

  readonly offline = ({ code, reason }: Explanation, retryInMs: number): void => {
    this.#disconnected();
    this.#parts.emit({ kind: 'connection', status: 'offline', code, reason, retryInMs });
  };

  readonly refused = (code: string, reason: string): void => {
    this.#disconnected();
    // Nothing that waits can ever be sent.
    if (code === 'access-revoked') for (const room of this.#parts.rooms) room.outbox.giveBack(accessRevoked());
    this.#parts.emit({ kind: 'refused', code, reason });
  };

  /** Publishes the prekey before any room acts, so that others can wrap keys to it. */
  async #resume(): Promise<void> {
    const { prekeys, links, rooms, invitations, invitationEnds, files, recovery } = this.#parts;
    this.#logins += 1;
    const login = this.#logins;
    await prekeys.publish();
    // If the connection was lost in between, the next login does all of this.
    if (login !== this.#logins || !this.#isOnline) return;
    links.connected();
    rooms.connected();
    invitations.connected();
    invitationEnds.connected();
    files.connected();
    recovery.connected();
  }

  /** To be called when the client closes, before the rooms note it. */
  closed(): void {
    this.#isOnline = false;
    this.#parts.prekeys.disconnected();
    this.#parts.links.disconnected();
    this.#parts.invitationEnds.disconnected();
    this.#parts.recovery.disconnected();
  }

  #disconnected(): void {
    this.closed();
    this.#parts.rooms.disconnected();
  }
}

function routeTo(session: RoomSession, push: RoomPush): void {
  if (push.push === 'entry') session.log.receive({ seq: push.seq, at: push.at, entry: push.entry });
  else if (push.push === 'stubs') session.log.receive({ seq: push.seq, hashes: push.hashes });
  else if (push.push === 'gap')
    session.log.receive({ seq: push.seq, hash: push.hash, type: push.type, cause: push.cause });
  else if (push.push === 'caught-up') session.caughtUp(push.head);
  else if (push.push === 'presence') session.presence.change(push);
  else if (push.push === 'knock') session.knocks.receive(session.state, push.knock);
  else if (push.push === 'dismissed') session.knocks.dismissed(push.user, push.by);
  else if (push.push === 'restored') session.recovery.restored(push);
  else if (push.push === 'entries-wanted') session.wanted.give(push.positions);
  else if (push.push === 'key-asked') session.answerKeyRequest(push.number, push.user);
  else if (push.push === 'key-lacked') session.log.keys.lacked(push.number, push.user);
  else if (push.push === 'heartbeat') session.heartbeats.receive(push.heartbeat);
  else if (push.push === 'wrap') session.log.keys.pushed(push.number, push.wrap);
  else session.log.keyGiven({ epochNumber: push.number, from: push.from, wrap: push.wrap });
}
