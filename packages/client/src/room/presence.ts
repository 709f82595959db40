/** Which members of one room are connected, by the server's word. */
import type { UserName } from '@chat/protocol';

/** The connected members of one room. */
export class Presence {
  readonly #changed: (user: UserName, online: boolean) => void;
  #online: readonly UserName[] = [];
  /** Changes that came before the answer to which they belong; null when no answer is awaited. */
  #early: (() => void)[] | null = null;

  /** @param changed called after each change */
  constructor(changed: (user: UserName, online: boolean) => void) {
    this.#changed = changed;
  }

  /** In order of arrival. */
  get online(): readonly UserName[] {
    return this.#online;
  }

  /** To be called when the server is asked who is connected. Changes that come before its answer are applied after it. */
  asked(): void {
    this.#early = [];
  }

  /** Takes the server's answer. */
  answered(online: readonly UserName[]): void {
    this.#online = online;
    const early = this.#early ?? [];
    this.#early = null;
    for (const apply of early) apply();
  }

  /** Notes that a user is online or not. While the server's answer is pending, applies the change after it. */
  change(user: UserName, online: boolean): void {
    if (this.#early !== null) {
      this.#early.push(() => this.change(user, online));
      return;
    }
    const others = this.#online.filter((other) => other !== user);
    this.#online = online ? [...others, user] : others;
    this.#changed(user, online);
  }

  /** To be called when the connection is lost. No user counts as online any more. */
  disconnected(): void {
    this.#online = [];
    this.#early = null;
  }
}
