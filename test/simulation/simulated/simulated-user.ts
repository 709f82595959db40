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

/** What a user says about a message, or in another way. */
export interface Word {
  readonly kind: 'reply' | 'edit' | 'delete' | 'react' | 'action' | 'hide';
  readonly text: string;
  readonly at: number;
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

  /**
   * Says something else than a text, about one of the latest messages. Nothing if there is none that the user may change.
   *
   * @param word.at which of these messages: from 0 up to, not including, 1
   */
  sayOtherwise(room: RoomName, { kind, text, at }: Word): void {
    const { client } = this;
    if (client === null) return;
    const said: Said = { user: this.user, room, text, seq: null, refused: null };
    const speak = async () => {
      if (kind === 'action') {
        this.said.push(said);
        return client.send(room, text, { action: true });
      }
      const isOwn = kind === 'edit' || kind === 'delete';
      const page = await client.messages.page(room, { limit: 20 });
      const targets = page.filter(({ user, deletedBy }) => deletedBy === undefined && (!isOwn || user === this.user));
      const target = targets[Math.floor(at * targets.length)];
      if (target === undefined || client !== this.client) return null;
      if (kind === 'delete' || kind === 'hide') return client.messages[kind](room, target.seq);
      if (kind === 'react') return client.messages.react(room, target.seq, text.length % 3 === 0 ? null : text);
      this.said.push(said);
      if (kind === 'edit') return client.messages.edit(room, target.seq, text);
      return client.send(room, text, { replyTo: target.seq });
    };
    speak().then(
      (place) => {
        said.seq = place?.seq ?? null;
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
