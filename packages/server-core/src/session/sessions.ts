/** The open sessions: found by user, counted, and ended together. */
import type { Fingerprint, Push, UserName } from '@chat/protocol';

/** The sentence with which the server refuses a connection for which it has no room. */
export const serverFull = 'The server has as many connections as it accepts: connect again later.';

/** A session, as far as the server ends it. */
export interface Session {
  /** Accepts no more requests. Resolves when all accepted ones are answered. */
  drain(): Promise<void>;
  /** Sends `bye` with `stopping` and closes. */
  stop(): void;
  /** Bytes that wait for the client to read. */
  readonly queuedBytes: number;
}

/** A session of the chat port. Its login makes it one of a user's sessions. */
export interface UserSession extends Session {
  /** Time of the latest frame, in milliseconds. */
  readonly lastFrameAt: number;
  send(push: Push): void;
  /** Called when the limits have changed. */
  limitsChanged(): void;
  /** Ends the session because the user has opened too many others. */
  endAsExcess(): void;
  /** The run of the client; null before the login, and for a client that keeps no state. */
  readonly runId: string | null;
  /** Ends the session because another copy of the client's profile has logged in. */
  endAsReplaced(): void;
  /** Fingerprint of the key with which the user has logged in; null before the login. */
  readonly fingerprint: Fingerprint | null;
  /** Ends the session because the user was revoked. */
  endAsRevoked(): void;
  /** Ends the session because the user's key was renewed. */
  endAsRenewed(): void;
}

const isOtherRun = (session: UserSession, other: UserSession): boolean =>
  session.runId !== null && other.runId !== null && session.runId !== other.runId;

/** Ends the sessions of one user that were idle for the longest time until at most `most` are left. */
function endExcess(own: Set<UserSession>, most: number): void {
  while (own.size > most) {
    const idle = [...own].reduce((least, each) => (each.lastFrameAt < least.lastFrameAt ? each : least));
    own.delete(idle);
    idle.endAsExcess();
  }
}

/** The open sessions of both ports. */
export class Sessions {
  readonly #open = new Set<Session>();
  readonly #users = new Map<UserName, Set<UserSession>>();
  #loggedIn = 0;
  #added = 0;
  #emptied: (() => void) | null = null;

  /** Number of sessions with a login. */
  get loggedIn(): number {
    return this.#loggedIn;
  }

  /** Number of sessions without a login, of both ports. */
  get waiting(): number {
    return this.#open.size - this.#loggedIn;
  }

  /** Bytes that wait for clients to read. */
  get queuedBytes(): number {
    let sum = 0;
    for (const { queuedBytes } of this.#open) sum += queuedBytes;
    return sum;
  }

  /** Adds a session. Returns its number, by which the lines of the log that belong to it are found. */
  add(session: Session): number {
    this.#open.add(session);
    this.#added += 1;
    return this.#added;
  }

  delete(session: Session): void {
    this.#open.delete(session);
    if (this.#open.size === 0) this.#emptied?.();
  }

  /**
   * Adds a session to the user's sessions after its login, and ends those of other runs. If the user has too many, ends the one that was idle for the longest
   * time.
   */
  enter(session: UserSession, user: UserName, maxPerUser: number): void {
    const own = this.#users.get(user) ?? new Set();
    this.#users.set(user, own);
    for (const other of [...own]) if (isOtherRun(session, other)) other.endAsReplaced();
    endExcess(own, maxPerUser - 1);
    own.add(session);
    this.#loggedIn += 1;
  }

  /** To be called when the limits have changed. Ends the sessions of each user that are too many now, the longest idle ones first. */
  limitsChanged(maxPerUser: number): void {
    for (const own of this.#users.values()) {
      endExcess(own, maxPerUser);
      for (const session of own) session.limitsChanged();
    }
  }

  /** Removes a session that has entered before. */
  leave(session: UserSession, user: UserName): void {
    const own = this.#users.get(user);
    if (own?.delete(session) && own.size === 0) this.#users.delete(user);
    this.#loggedIn -= 1;
  }

  /** Sends a push to all sessions of this user. */
  sendTo(user: UserName, push: Push): void {
    for (const session of this.#users.get(user) ?? []) session.send(push);
  }

  /** Ends all sessions of a revoked user. Resolves with their number when all their requests are answered. */
  async endRevoked(user: UserName): Promise<number> {
    const own = [...(this.#users.get(user) ?? [])];
    this.#users.delete(user);
    for (const session of own) session.endAsRevoked();
    await Promise.all(own.map((session) => session.drain()));
    return own.length;
  }

  /** Ends the sessions of a user that have logged in with this key. Resolves when all their requests are answered. */
  async endRenewed(user: UserName, before: Fingerprint): Promise<void> {
    const ended = [...(this.#users.get(user) ?? [])].filter(({ fingerprint }) => fingerprint === before);
    for (const session of ended) session.endAsRenewed();
    await Promise.all(ended.map((session) => session.drain()));
  }

  /** Returns the number of this user's sessions. */
  count(user: UserName): number {
    return this.#users.get(user)?.size ?? 0;
  }

  /** Accepts no more requests in any session. Resolves when all accepted ones are answered. */
  async drain(): Promise<void> {
    await Promise.all([...this.#open].map((session) => session.drain()));
  }

  /** Ends all sessions. Resolves when the last one is closed. */
  async stop(): Promise<void> {
    if (this.#open.size === 0) return;
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    for (const session of this.#open) session.stop();
    await emptied;
  }
}
