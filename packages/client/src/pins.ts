/** Who was seen with which identity key: trust on first use, alarm on change. */
import type { Fingerprint, UserName } from '@chat/protocol';
import type { Member } from '@chat/room';

export interface ChangedIdentity {
  readonly user: UserName;
  readonly known: Fingerprint;
  readonly seen: Fingerprint;
}

export class Pins {
  readonly #known: Map<UserName, Fingerprint>;

  constructor(known: Readonly<Record<UserName, Fingerprint>>) {
    this.#known = new Map(Object.entries(known));
  }

  /** Pins whoever is seen for the first time; returns those who have another key than before. */
  meet(members: readonly Member[]): readonly ChangedIdentity[] {
    return members.flatMap(({ user, fingerprint }) => {
      const known = this.#known.get(user);
      if (known === undefined) this.#known.set(user, fingerprint);
      return known === undefined || known === fingerprint ? [] : [{ user, known, seen: fingerprint }];
    });
  }

  /** Takes this key for that person's from now on. */
  trust(user: UserName, fingerprint: Fingerprint): void {
    this.#known.set(user, fingerprint);
  }

  toJSON(): Record<UserName, Fingerprint> {
    return Object.fromEntries(this.#known);
  }
}
