/**
 * What one room has heard of each other member: signed heartbeats and messages, which show that the server does not keep the
 * member apart. Silence counts only while this client is connected and awake and the server says that the member is connected,
 * so that a lost connection, a suspended machine or a clock that was set raises no alarm.
 */
import { type Fingerprint, heartbeatEvery, type UserName } from '@chat/protocol';
import { type Member, membersOf, type RoomState, UserMap } from '@chat/room';

/** Heartbeats that may be missing one after another. */
const missedHeartbeats = 3;
/**
 * Heartbeats that new connections excuse during one silence. A server that lets a member come and go, by its word, all the time
 * delays the report by so much and no more.
 */
const excusedHeartbeats = 6;
/** For the server's answer, the network, and a client that is busy. */
const slackMs = 60_000;
/** How much later than the fastest one a heartbeat may arrive, beyond the time between two. A later one was kept back. */
const delayMs = 120_000;
/** How far ahead of this machine's clock a signed time may be. */
const aheadMs = 24 * 60 * 60 * 1000;

/** What is stored of the latest sign of a member. Of two signs the one with the later `at` is newer, whenever it arrives. */
export interface Heard {
  /** The time that the member signed. */
  readonly at: number;
  /** When it arrived, in ms since 1970 by this machine's clock. */
  readonly seenAt: number;
}

/** A member who has not been heard, or has been heard again. */
export interface SilentMember {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** How long the member was silent, in milliseconds. */
  readonly forMs: number;
}

/** Which members are connected, by the server's word: it names some of them, and counts all. */
export interface ConnectedMembers {
  readonly online: readonly UserName[];
  readonly connected: number;
}

/** Returns the members whom the server names as connected. */
function namedMembers({ members }: RoomState, online: readonly UserName[]): readonly Member[] {
  return [...new Set(online)].flatMap((user) => members.named(user) ?? []);
}

/** Returns how many members are connected, by the server's word: no more than there are, and no fewer than it names. */
export function connectedCount(state: RoomState, { online, connected }: ConnectedMembers): number {
  return Math.max(namedMembers(state, online).length, Math.min(connected, state.members.size));
}

interface Ear {
  /** Time of silence while both were connected, in milliseconds. */
  silentMs: number;
  /** The time within which the member promised the next heartbeat; null before the first. */
  everyMs: number | null;
  /** The shortest time from the signed time to the arrival; the difference of the clocks is part of it. */
  offsetMs: number | null;
  reported: boolean;
  /** What was excused of this silence, in milliseconds. */
  excusedMs: number;
}

/** What has been heard of the members of one room. */
export class Hearing {
  #heard: UserMap<Heard>;
  readonly #ears = new Map<Fingerprint, Ear>();
  /** The members at the last look for users who are members no more. */
  #members: RoomState['members'] | null = null;

  constructor(heard: UserMap<Heard> | Readonly<Record<Fingerprint, Heard>> = UserMap.empty) {
    this.#heard = UserMap.of(heard);
  }

  /** Returns when this member was last heard, by this machine's clock; null when never. */
  lastHeard(fingerprint: Fingerprint): number | null {
    return this.#heard.get(fingerprint)?.seenAt ?? null;
  }

  /** What is stored: the latest sign of each member. */
  get stored(): UserMap<Heard> {
    return this.#heard;
  }

  /**
   * Takes a time that a member has signed, in a heartbeat or a message.
   *
   * @param sign.everyMs the time within which the member promises the next one; null in a message
   * @returns the silence that ends, in ms, if it was reported; `null` for an old or delayed sign, and otherwise 0
   */
  hear(
    fingerprint: Fingerprint,
    { at, everyMs }: { readonly at: number; readonly everyMs: number | null },
    now: number,
  ): number | null {
    const before = this.#heard.get(fingerprint);
    if ((before !== undefined && at <= before.at) || at > now + aheadMs) return null;
    const ear = this.#ear(fingerprint);
    const offset = now - at;
    const fastest = Math.min(ear.offsetMs ?? offset, offset);
    ear.offsetMs = fastest;
    if (offset > fastest + (ear.everyMs ?? 0) + delayMs) return null;
    this.#heard = this.#heard.put(fingerprint, { at, seenAt: now });
    const ended = ear.reported ? ear.silentMs : 0;
    ear.silentMs = 0;
    ear.everyMs = everyMs ?? ear.everyMs;
    ear.reported = false;
    ear.excusedMs = 0;
    return ended;
  }

  /**
   * Counts time during which this client was connected.
   *
   * @param connected the members who are connected, by the server's word. Only those whom it names can be missed
   * @returns the members whose silence has become too long, each once until it is heard again
   */
  pass(state: RoomState, connected: ConnectedMembers, ms: number): readonly SilentMember[] {
    this.#forget(state);
    const usualMs = heartbeatEvery(connectedCount(state, connected));
    return namedMembers(state, connected.online).flatMap(({ user, fingerprint }) => {
      if (fingerprint === state.me) return [];
      const ear = this.#ear(fingerprint);
      ear.silentMs += ms;
      // A promise from when fewer members were connected is void after the member has connected again.
      const allowedMs = missedHeartbeats * Math.max(ear.everyMs ?? 0, usualMs) + slackMs;
      if (ear.reported || ear.silentMs < allowedMs) return [];
      ear.reported = true;
      return [{ user, fingerprint, forMs: ear.silentMs }];
    });
  }

  /**
   * To be called when this client or a member has connected again, because heartbeats were lost meanwhile. Excuses one heartbeat,
   * and only a few during one silence: a server that interrupts connections again and again does not hide it.
   *
   * @param user the member; null for all
   */
  excuse(state: RoomState, user: UserName | null): void {
    const named = user === null ? null : state.members.named(user);
    for (const member of user === null ? membersOf(state) : named === null ? [] : [named]) {
      const ear = this.#ears.get(member.fingerprint);
      if (ear === undefined) continue;
      const everyMs = ear.everyMs ?? heartbeatEvery(0);
      const excusedMs = Math.min(everyMs, ear.silentMs, Math.max(0, excusedHeartbeats * everyMs - ear.excusedMs));
      ear.silentMs -= excusedMs;
      ear.excusedMs += excusedMs;
    }
  }

  /** To be called when this machine's clock was set, or stood still: earlier delays do not compare with later ones. */
  clockChanged(): void {
    for (const ear of this.#ears.values()) ear.offsetMs = null;
  }

  #ear(fingerprint: Fingerprint): Ear {
    const known = this.#ears.get(fingerprint);
    if (known !== undefined) return known;
    const ear: Ear = { silentMs: 0, everyMs: null, offsetMs: null, reported: false, excusedMs: 0 };
    this.#ears.set(fingerprint, ear);
    return ear;
  }

  /** Drops the users who are members no more. */
  #forget({ members }: RoomState): void {
    if (members === this.#members) return;
    this.#members = members;
    for (const fingerprint of this.#ears.keys()) if (!members.has(fingerprint)) this.#ears.delete(fingerprint);
    for (const [fingerprint] of this.#heard) {
      if (!members.has(fingerprint)) this.#heard = this.#heard.without(fingerprint);
    }
  }
}
