/** The pinned identity key of each user: trust on first use, report on change, and which pins the user has verified. */
import type { Fingerprint, Identity, RoomId, UserName } from '@chat/protocol';
import { UserMap } from '@chat/room';
import { skeletonOf } from './look-alike.ts';

/** The stored identity key of a user. */
export interface Pin {
  readonly fingerprint: Fingerprint;
  /** True if the user has compared safety numbers for this key. */
  readonly verified: boolean;
  /** The keys before a renewal, and the rooms that had one of them when the client learned of it: they follow later. */
  readonly lagging?: { readonly fingerprints: readonly Fingerprint[]; readonly rooms: readonly RoomId[] } | undefined;
}

/** A renewal of a user's identity key, whose signatures have been verified. */
export interface RenewedIdentity extends Identity {
  /** The keys before this one. */
  readonly before: readonly Fingerprint[];
}

/** Returns the rooms in which the user has one of these keys. */
export type RoomsWithKey = (user: UserName, fingerprints: readonly Fingerprint[]) => readonly RoomId[];

/** A user whose identity key differs from the pinned one. */
export interface ChangedIdentity {
  readonly user: UserName;
  /** The pinned key. */
  readonly known: Fingerprint;
  /** The key that the user has now. */
  readonly seen: Fingerprint;
  /** True if the pinned key was verified. */
  readonly verified: boolean;
}

/** The pins of one client. */
export class Pins {
  #pins: UserMap<Pin>;
  /** The pinned user names by what they look like. */
  readonly #looks = new Map<string, UserName[]>();

  readonly #roomsWithKey: RoomsWithKey;

  constructor(stored: UserMap<Pin> | Readonly<Record<UserName, Pin>>, roomsWithKey: RoomsWithKey = () => []) {
    this.#roomsWithKey = roomsWithKey;
    this.#pins = UserMap.of(stored);
    for (const [user] of this.#pins) this.#addLook(user);
  }

  /** What is stored: the pins by user name. */
  get stored(): UserMap<Pin> {
    return this.#pins;
  }

  /**
   * Pins each user who has no pin yet.
   *
   * @param roomId the room in which they have these keys. Default: null, for identities that the server shows
   * @returns the users whose identity key differs from their pin
   */
  meet(identities: readonly Identity[], roomId: RoomId | null = null): readonly ChangedIdentity[] {
    return identities.flatMap(({ user, fingerprint }) => {
      const known = this.#pins.get(user);
      if (known === undefined) this.trust(user, fingerprint);
      if (known === undefined || known.fingerprint === fingerprint) return [];
      const { lagging } = known;
      if (roomId !== null && lagging?.rooms.includes(roomId) && lagging.fingerprints.includes(fingerprint)) return [];
      return [{ user, known: known.fingerprint, seen: fingerprint, verified: known.verified }];
    });
  }

  /**
   * Pins the new key of a user if the pinned key is one of those before it. The pin stays verified.
   *
   * @returns the pin before; null if the user had no pin, or another one
   */
  follow({ user, fingerprint, before }: RenewedIdentity): Pin | null {
    const known = this.#pins.get(user);
    if (known === undefined || !before.includes(known.fingerprint)) return null;
    const fingerprints = [...new Set([...(known.lagging?.fingerprints ?? []), ...before])];
    const rooms = this.#roomsWithKey(user, fingerprints);
    const { verified } = known;
    this.#set(user, { fingerprint, verified, ...(rooms.length === 0 ? {} : { lagging: { fingerprints, rooms } }) });
    return known;
  }

  /** Pins this key. The pin stays verified only if the key is the same as before. */
  trust(user: UserName, fingerprint: Fingerprint): void {
    this.#pin(user, { fingerprint, verified: this.isVerified({ user, fingerprint }) });
  }

  /** Pins this key as verified. */
  verify(user: UserName, fingerprint: Fingerprint): void {
    this.#pin(user, { fingerprint, verified: true });
  }

  /** True if a key is pinned for this user: the local user has met them in a room, or looked them up. */
  has(user: UserName): boolean {
    return this.#pins.has(user);
  }

  /** True if this identity is pinned. */
  isPinned({ user, fingerprint }: Identity): boolean {
    return this.#pins.get(user)?.fingerprint === fingerprint;
  }

  /** True if this identity is pinned and verified. */
  isVerified({ user, fingerprint }: Identity): boolean {
    const known = this.#pins.get(user);
    return known?.fingerprint === fingerprint && known.verified;
  }

  /** Returns a pinned user, or the local user `me`, whose name looks like this other one; null if there is none. */
  lookAlike(user: UserName, me: UserName): UserName | null {
    const look = skeletonOf(user);
    const known = [...(skeletonOf(me) === look ? [me] : []), ...(this.#looks.get(look) ?? [])];
    return known.find((other) => other !== user) ?? null;
  }

  /** Sets a pin. Rooms that lag behind do so as long as the key is the same. */
  #pin(user: UserName, pin: Pin): void {
    const known = this.#pins.get(user);
    const lagging = known?.fingerprint === pin.fingerprint ? known.lagging : undefined;
    this.#set(user, { ...pin, ...(lagging === undefined ? {} : { lagging }) });
  }

  #set(user: UserName, pin: Pin): void {
    if (!this.#pins.has(user)) this.#addLook(user);
    this.#pins = this.#pins.put(user, pin);
  }

  #addLook(user: UserName): void {
    const look = skeletonOf(user);
    this.#looks.set(look, [...(this.#looks.get(look) ?? []), user]);
  }
}
