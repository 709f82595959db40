/** Who is connected, of one room's members: by the server's word. */
import type { UserName } from '@chat/protocol';

export class Presence {
  readonly #changed: (user: UserName, online: boolean) => void;
  #online: readonly UserName[] = [];
  /** What came before the answer which it adds to; null when none is awaited. */
  #early: (() => void)[] | null = null;

  /** @param changed called after each change */
  constructor(changed: (user: UserName, online: boolean) => void) {
    this.#changed = changed;
  }

  /** In order of arrival. */
  get online(): readonly UserName[] {
    return this.#online;
  }

  /** The server was asked who is here: changes that come before its answer add to that. */
  asked(): void {
    this.#early = [];
  }

  answered(online: readonly UserName[]): void {
    this.#online = online;
    const early = this.#early ?? [];
    this.#early = null;
    for (const apply of early) apply();
  }

  change(user: UserName, online: boolean): void {
    if (this.#early !== null) {
      this.#early.push(() => this.change(user, online));
      return;
    }
    const others = this.#online.filter((name) => name !== user);
    this.#online = online ? [...others, user] : others;
    this.#changed(user, online);
  }

  disconnected(): void {
    this.#online = [];
    this.#early = null;
  }
}
