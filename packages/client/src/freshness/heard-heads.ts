/** The heads that other members have signed, compared with the log that this client has read. */
import type { Fingerprint, UserName } from '@chat/protocol';
import { compareHead, type RoomState } from '@chat/room';

/** How long the server may take to send what another member has read already. */
const deliveryMs = 60_000;

interface Head {
  readonly seq: number;
  readonly hash: string;
}

interface Claim extends Head {
  /** For how long this client has waited for the entries up to it, in milliseconds. */
  waitedMs: number;
  reported: boolean;
}

/** A head that does not fit the log that this client has read. */
export interface Mismatch {
  /** `fork`: the member has read another log. `behind`: the server has not sent what the member has read. */
  readonly kind: 'fork' | 'behind';
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** Position of the member's head. */
  readonly seq: number;
}

/** The heads of the members of one room. */
export class HeardHeads {
  /** Heads that lie ahead of this client's. */
  readonly #claims = new Map<Fingerprint, Claim>();
  /** Members whose fork was reported, until they sign a head of this log again. */
  readonly #forked = new Set<Fingerprint>();

  /** Takes the head of a member. Returns a fork that was not reported before, else null. */
  take(state: RoomState, fingerprint: Fingerprint, head: Head): Mismatch | null {
    const compared = compareHead(state, head);
    if (compared === 'ahead') {
      const claim = this.#claims.get(fingerprint);
      // A later head does not give the server more time to send what an earlier one showed.
      if (claim === undefined) this.#claims.set(fingerprint, { ...head, waitedMs: 0, reported: false });
      return null;
    }
    if (compared !== 'fork') {
      if (compared === 'same') this.#forked.delete(fingerprint);
      return null;
    }
    if (this.#forked.has(fingerprint)) return null;
    this.#forked.add(fingerprint);
    return mismatch(state, fingerprint, { kind: 'fork', seq: head.seq });
  }

  /** To be called when the client has read on. Returns the forks that show now. */
  readOn(state: RoomState): readonly Mismatch[] {
    return [...this.#claims].flatMap(([fingerprint, claim]) => {
      if (claim.seq > state.head.seq) return [];
      this.#claims.delete(fingerprint);
      return this.take(state, fingerprint, claim) ?? [];
    });
  }

  /** Counts time during which this client was connected and caught up. Returns what the server has withheld for too long. */
  pass(state: RoomState, ms: number): readonly Mismatch[] {
    return [...this.#claims].flatMap(([fingerprint, claim]) => {
      if (!state.members.has(fingerprint)) this.#claims.delete(fingerprint);
      claim.waitedMs += ms;
      if (claim.reported || claim.waitedMs < deliveryMs) return [];
      claim.reported = true;
      return mismatch(state, fingerprint, { kind: 'behind', seq: claim.seq }) ?? [];
    });
  }
}

function mismatch(state: RoomState, fingerprint: Fingerprint, found: Pick<Mismatch, 'kind' | 'seq'>): Mismatch | null {
  const user = state.members.get(fingerprint)?.user;
  return user === undefined ? null : { ...found, user, fingerprint };
}
