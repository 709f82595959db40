/**
 * The identity keys of one room: those of other users, compared with the pins, and the user's own, which the room gets by a
 * `renew-key` entry after a renewal.
 */
import type { RoomId, RoomName } from '@chat/protocol';
import { composeRenewKey, isPresent, type RoomEvent, type RoomState } from '@chat/room';
import { authorOf, type ClientContext, newClientId } from '../context.ts';
import { ClientError, explain, isDisconnection } from '../errors.ts';
import { IdentityWatch, membershipEvents } from '../identity/identity-watch.ts';
import type { ChangedIdentity } from '../identity/pins.ts';

/** Changes of the membership after which the client looks at their users alone: live entries, and no backlog. */
const fewChanges = 16;

/** The room, as far as its identities need it. */
export interface IdentitiesRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly state: RoomState;
  /** True while the client has read the backlog of this connection. */
  readonly isCaughtUp: boolean;
}

/** The identity keys of one room. */
export class RoomIdentities {
  readonly #context: ClientContext;
  readonly #room: IdentitiesRoom;
  readonly #watch: IdentityWatch;
  /** True after the client has sent the entry with the own key, until the connection is lost. */
  #isRenewing = false;

  constructor(context: ClientContext, room: IdentitiesRoom) {
    this.#context = context;
    this.#room = room;
    this.#watch = new IdentityWatch(context.pins, (changed) => {
      const { roomId, roomName } = room;
      context.emit({ kind: 'identity-changed', roomId, roomName, ...changed });
    });
  }

  /** The members and invited users whose identity key differs from their pin. */
  get changed(): readonly ChangedIdentity[] {
    return this.#watch.changed;
  }

  /** @throws ClientError `identity-changed`, if the user knows of a change. Others may turn out to be renewed */
  requireTrusted(): void {
    const [changed] = this.#watch.reported;
    if (changed === undefined) return;
    throw new ClientError(
      'identity-changed',
      `${changed.user} has another identity key than before: nothing is sent to ${this.#room.roomName} until you trust it.`,
    );
  }

  /** True if the room has the user's present key, and no other identity in it has changed. */
  get areSettled(): boolean {
    return this.#watch.changed.length === 0 && this.isOwnKeyCurrent;
  }

  /** False after a renewal of the user's key, until the room has the new one. Nothing that the user signs counts there before. */
  get isOwnKeyCurrent(): boolean {
    return this.#room.state.me === this.#context.signer.fingerprint;
  }

  /** Checks the pins of all members again. To be called after a change of the pins. */
  review(state: RoomState): void {
    this.#watch.review(state);
  }

  /** To be called when the connection is lost. */
  disconnected(): void {
    this.#isRenewing = false;
  }

  /** Takes the events of entries that were applied. */
  take(events: readonly RoomEvent[]): void {
    const { identities, signer } = this.#context;
    for (const event of events) {
      if (event.kind !== 'key-renewed') continue;
      identities.renewed(event);
      if (event.fingerprint === signer.fingerprint && this.isOwnKeyCurrent) identities.ownRenewed();
    }
    const changes = events.filter(({ kind }) => membershipEvents.has(kind));
    if (changes.length === 0) return;
    const users = changes.flatMap((event) => ('user' in event && event.user !== null ? event.user : []));
    // The creator of a room has no event of an own.
    const isFew = changes.length <= fewChanges && users.length === changes.length;
    if (isFew) this.#watch.reviewUsers(this.#room.state, [...new Set(users)]);
    else this.review(this.#room.state);
    if (this.#room.isCaughtUp) this.announce();
  }

  /**
   * Reports changed identities. To be called once the room is caught up, because a user in the backlog may have left since. Asks the
   * server before whether a user has renewed the key: the room may have the new one from the user's join on.
   */
  announce(): void {
    const unreported = this.#watch.unreported;
    if (unreported.length === 0) return;
    const asked = unreported.map(({ user, seen }) => this.#context.identities.follow(user, seen));
    void Promise.all(asked).then(() => {
      this.review(this.#room.state);
      if (this.#room.isCaughtUp) this.#watch.announce();
    });
  }

  /** Gives the room the user's renewed key. It needs no key of the room, so it may be the first thing after the backlog. */
  renewOwn(): void {
    const { ownChain, request, crypto, emit } = this.#context;
    const { state, roomId, isCaughtUp } = this.#room;
    if (this.isOwnKeyCurrent || this.#isRenewing || !isCaughtUp || !isPresent(state) || ownChain === null) return;
    this.#isRenewing = true;
    const entry = composeRenewKey(authorOf(this.#context), roomId, ownChain);
    request('append', { room: roomId, cid: newClientId(crypto), entry }).catch((error: unknown) => {
      if (!isDisconnection(error)) emit({ kind: 'trouble', ...explain(error) });
    });
  }
}
