/**
 * Which members of one room are connected, by the server's word: it names those who have been connected the longest, and counts all.
 * While this client is connected, it counts its own user itself.
 */
import { limits, type Push, type UserName } from '@chat/protocol';

/** Changes that are kept while an answer is awaited: all who are named may leave, and others take their places. */
const maxEarlyChanges = 2 * limits.presenceChanges;

/** What the server says of the connected members. */
export interface Connected {
  /** The members who are named, in order of arrival. */
  readonly online: readonly UserName[];
  /** How many members are connected. */
  readonly connected: number;
}

/** Changes of who is named, in order, and the number of connected members after them. */
export type ConnectedChanges = Pick<Extract<Push, { push: 'presence' }>, 'changes' | 'connected'>;

/** The connected members of one room. */
export class Presence {
  readonly #me: UserName;
  readonly #changed: (user: UserName, online: boolean) => void;
  readonly #online = new Set<UserName>();
  #connected = 0;
  /** What `online` gave; null after a change. */
  #listed: readonly UserName[] | null = null;
  /** What came before the answer to which it belongs; null when no answer is awaited. */
  #early: ConnectedChanges[] | null = null;
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

  /** The members who are named, in order of arrival, each once. The same array until something changes. */
  get online(): readonly UserName[] {
    this.#listed ??= [...(this.#isPresent ? new Set([...this.#online, this.#me]) : this.#online)];
    return this.#listed;
  }

  /** How many members are connected: never fewer than are named. A room has no more members than its log says. */
  get connected(): number {
    return Math.max(this.#connected, this.online.length);
  }

  /** To be called when the server is asked who is connected. Changes that come before its answer are applied after it. */
  asked(): void {
    this.#early = [];
    this.#isPresent = true;
    this.#listed = null;
  }

  /** Takes the server's answer. */
  answered(answer: Connected): void {
    this.#take(answer);
    const early = this.#early ?? [];
    this.#early = null;
    for (const change of early) this.change(change);
  }

  /** Takes changes. While the server's answer is awaited, they are applied after it. */
  change({ changes, connected }: ConnectedChanges): void {
    if (this.#early !== null) {
      const kept = this.#early.reduce((sum, each) => sum + each.changes.length, 0);
      if (kept + changes.length <= maxEarlyChanges) this.#early.push({ changes, connected });
      return;
    }
    this.#connected = connected;
    // Until all are applied, the order of arrival is not the server's.
    const applied = changes.filter(({ user, online }) => this.#apply(user, online));
    for (const { user, online } of applied) this.#changed(user, online);
  }

  /** To be called when the connection is lost. No user counts as online any more. */
  disconnected(): void {
    this.#early = null;
    this.#isPresent = false;
    this.#take({ online: [], connected: 0 });
  }

  /**
   * Applies a change, again if the answer has it already: then all that were gathered with it follow, and the order is that of the server.
   * More users than a server names are ignored: only a dishonest one names them.
   */
  #apply(user: UserName, online: boolean): boolean {
    const isOwn = user === this.#me;
    if (isOwn && !online) return false;
    if (online && !this.#online.has(user) && this.#online.size >= limits.presenceNames) return false;
    this.#online.delete(user);
    if (online) this.#online.add(user);
    this.#listed = null;
    return !isOwn;
  }

  #take({ online, connected }: Connected): void {
    this.#online.clear();
    for (const user of online) this.#online.add(user);
    this.#connected = connected;
    this.#listed = null;
  }
}
