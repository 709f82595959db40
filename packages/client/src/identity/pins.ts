/** Who was seen with which identity key: trust on first use, alarm on change, and whose safety number was compared. */
import type { Fingerprint, Identity, UserName } from '@chat/protocol';

export interface Pin {
  readonly fingerprint: Fingerprint;
  /** Whether this user has compared safety numbers with them, for this very key. */
  readonly verified: boolean;
}

export interface ChangedIdentity {
  readonly user: UserName;
  readonly known: Fingerprint;
  readonly seen: Fingerprint;
  /** Whether the known key was verified. */
  readonly verified: boolean;
}

export class Pins {
  readonly #known: Map<UserName, Pin>;

  constructor(known: Readonly<Record<UserName, Pin>>) {
    this.#known = new Map(Object.entries(known));
  }

  /** Pins whoever is seen for the first time; returns those who have another key than before. */
  meet(people: readonly Identity[]): readonly ChangedIdentity[] {
    return people.flatMap(({ user, fingerprint }) => {
      const known = this.#known.get(user);
      if (known === undefined) this.trust(user, fingerprint);
      if (known === undefined || known.fingerprint === fingerprint) return [];
      return [{ user, known: known.fingerprint, seen: fingerprint, verified: known.verified }];
    });
  }

  /** Takes this key for that person's from now on. Another key than before is not verified. */
  trust(user: UserName, fingerprint: Fingerprint): void {
    const verified = this.isVerified({ user, fingerprint });
    this.#known.set(user, { fingerprint, verified });
  }

  /** Takes this key for that person's, as they have confirmed it. */
  verify(user: UserName, fingerprint: Fingerprint): void {
    this.#known.set(user, { fingerprint, verified: true });
  }

  isVerified({ user, fingerprint }: Identity): boolean {
    const known = this.#known.get(user);
    return known?.fingerprint === fingerprint && known.verified;
  }

  toJSON(): Record<UserName, Pin> {
    return Object.fromEntries(this.#known);
  }
}
