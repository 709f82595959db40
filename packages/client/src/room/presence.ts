/** Which members of one room are connected, by the server's word. While this client is connected, it counts its own user itself. */
import { limits, type UserName } from '@chat/protocol';

/** Changes that are kept while an answer is awaited: every member may come and go. An honest server sends fewer. */
const maxEarlyChanges = 2 * limits.roomMembers;

/** The connected members of one room. */
export class Presence {
  readonly #me: UserName;
  readonly #changed: (user: UserName, online: boolean) => void;
  readonly #online = new Set<UserName>();
  /** What `online` gave; null after a change. */
  #listed: readonly UserName[] | null = null;
  /** Changes that came before the answer to which they belong; null when no answer is awaited. */
  #early: (() => void)[] | null = null;
  /** True from the request on which this connection follows the room. */
  #isPresent = false;

  /**
   * @param me the local user, who is connected while this client is, whatever the server says. Otherwise a server that leaves the
   * user out could keep this client from ever changing the key.
   * @param changed called after each change
   */
  constructor(me: UserName, changed: (user: UserName, online: boolean) => void) {
    this.#me = me;
    this.#changed = changed;
  }

  /** In order of arrival, each once. The same array until something changes. */
  get online(): readonly UserName[] {
    this.#listed ??= [...(this.#isPresent ? new Set([...this.#online, this.#me]) : this.#online)];
    return this.#listed;
  }

  /** To be called when the server is asked who is connected. Changes that come before its answer are applied after it. */
  asked(): void {
    this.#early = [];
    this.#isPresent = true;
    this.#listed = null;
  }

  /** Takes the server's answer. */
  answered(online: readonly UserName[]): void {
    this.#take(online);
    const early = this.#early ?? [];
    this.#early = null;
    for (const apply of early) apply();
  }

  /**
   * Notes that a user is online or not. While the server's answer is pending, applies the change after it. More users than a
   * room can have are ignored: only the server names them.
   */
  change(user: UserName, online: boolean): void {
    if (user === this.#me && !online) return;
    if (this.#early !== null) {
      if (this.#early.length < maxEarlyChanges) this.#early.push(() => this.change(user, online));
      return;
    }
    if (online && this.#online.size >= limits.roomMembers) return;
    this.#online.delete(user);
    if (online) this.#online.add(user);
    this.#listed = null;
    this.#changed(user, online);
  }

  /** To be called when the connection is lost. No user counts as online any more. */
  disconnected(): void {
    this.#early = null;
    this.#isPresent = false;
    this.#take([]);
  }

  #take(online: readonly UserName[]): void {
    this.#online.clear();
    for (const user of online) this.#online.add(user);
    this.#listed = null;
  }
}
