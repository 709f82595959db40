/** A user with one machine, and what the user does with it. */
import type { Policy, Role, RoomName, UserName } from '@chat/protocol';
import { UserMap } from '@chat/room';
import { UserMachine } from './user-machine.ts';

/** A message that a user sent, and its outcome. */
export interface Said {
  readonly user: UserName;
  readonly room: RoomName;
  readonly text: string;
  /** Its position, once the server has confirmed it. */
  seq: number | null;
  /** The code with which the client gave it back. */
  refused: string | null;
}

export class SimulatedUser extends UserMachine {
  readonly said: Said[] = [];
  /** Rooms at which this user has knocked. */
  readonly knocked = new Set<RoomName>();
  /** Rooms that this user has asked to leave. */
  readonly left = new Set<RoomName>();
  /** Users whom this user has verified. */
  readonly verified = new Set<UserName>();

  say(room: RoomName, text: string): void {
    if (this.client === null) return;
    const said: Said = { user: this.user, room, text, seq: null, refused: null };
    this.said.push(said);
    this.client.send(room, text).then(
      ({ seq }) => {
        said.seq = seq;
      },
      (error: unknown) => {
        said.refused = this.refused('say', error);
      },
    );
  }

  create(room: RoomName, policy?: Policy): void {
    this.#try('create', this.client?.createRoom(room, policy));
  }

  invite(room: RoomName, user: UserName): void {
    this.#try('invite', this.client?.invite(room, user));
  }

  knock(room: RoomName): void {
    this.knocked.add(room);
    this.#try('knock', this.client?.knock(room));
  }

  decline(room: RoomName): void {
    this.#try('decline', this.client?.decline(room));
  }

  openDirect(user: UserName): void {
    this.#try('openDirect', this.client?.openDirect(user));
  }

  /** Verifies a user's key, as after a comparison of safety numbers: they are not equal before the client knows the present key. */
  verify({ user, fingerprint }: SimulatedUser): void {
    const pinned = UserMap.of(this.stored.pins).get(user)?.fingerprint;
    if (pinned !== undefined && pinned !== fingerprint) return;
    this.#try(
      'verify',
      this.client?.verify(user, fingerprint).then(() => this.verified.add(user)),
    );
  }

  join(room: RoomName): void {
    this.#try('join', this.client?.joinRoom(room));
  }

  leave(room: RoomName): void {
    this.left.add(room);
    this.#try('leave', this.client?.leaveRoom(room));
  }

  remove(room: RoomName, user: UserName): void {
    this.#try('remove', this.client?.removeMember(room, user));
  }

  giveRole(room: RoomName, user: UserName, role: Role): void {
    this.#try('giveRole', this.client?.giveRole(room, user, role));
  }

  #try(what: string, asked: Promise<unknown> | undefined): void {
    asked?.catch((error: unknown) => this.refused(what, error));
  }
}
