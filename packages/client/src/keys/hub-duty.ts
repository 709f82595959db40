/**
 * The hub's duty at one member, and which member is the hub. When the membership has changed or the key is due to be replaced,
 * the online members make the next epoch in turn: the first at once, each next one only if those before did not act in time. The
 * server accepts one of the epochs. A member who got no valid key for the latest epoch makes the next one too: after a longer
 * wait, or at once when those whom it asked lack the key too.
 */
import { limits, type UserName } from '@chat/protocol';
import { hubOf, hubOrder, isRemovalPending, keyExpiry, type RoomState, rekeyReason } from '@chat/room';
import type { ClientContext, RefusedPrekey } from '../context.ts';
import { reactionTo } from '../error-policy.ts';
import { explain, isDisconnection } from '../errors.ts';
import { occasionOf, type ProposingRoom, proposeEpoch } from './epoch-proposal.ts';
import { KeyWait } from './key-wait.ts';
import { reportRefusedPrekeys } from './prekey-directory.ts';

/** A member at place n waits n times this long, so that each earlier member can act first. */
const turnMs = 3_000;
/** Members from this place on act together: a server that names absent members as online delays a key by a minute at most. */
const lastPlace = 20;
/** How long a member waits for a missing key before it makes a new one, unless the members whom it asked lack the key too. */
const missingKeyTimeoutMs = 10_000;
/**
 * So often a member makes a new key at once for one that others lack too: a server that hides every wrap causes no endless series. An
 * attempt does not count if another member's epoch came first, because a member that spoils keys in series would use it up for nothing.
 */
const lostKeyPauseMs = 60_000;
/** The delay after a failure of the server, doubled with each further one. */
const retryDelayMs = 1_000;
const maxRetryDelayMs = 60_000;
/** If the log does not show an epoch for this long after one was made or was refused because of another one, the member acts again. */
const answerTimeoutMs = 30_000;

/** The room of a `HubDuty`. */
export interface HubRoom extends ProposingRoom {
  /** The connected members, in order of arrival. */
  readonly online: readonly UserName[];
  /** True if the client may act: connected, caught up, and no changed identity in the room. */
  readonly mayAct: boolean;
  /** The messages that wait to be sent. */
  readonly outbox: { readonly messages: readonly unknown[] };
  /** `lostEpoch`: the latest epoch whose key the members whom this client asked lack too; 0 for none. */
  readonly log: { readonly keys: { readonly lostEpoch: number } };
}

interface Plan {
  /** The occasion to which the planned epoch reacts. */
  readonly occasion: string;
  /** This member's place among those who make the epoch in turn. */
  readonly place: number;
  /** True when it waits because the keys of many rooms are due. */
  readonly isPaced: boolean;
  readonly cancel: () => void;
}

/** Makes a room's epochs when it is this member's turn. */
export class HubDuty {
  readonly #context: ClientContext;
  readonly #room: HubRoom;
  #plan: Plan | null = null;
  /** Wakes up when the key is due to be replaced, also while nothing happens in the room. */
  #alarm: { readonly at: number; readonly cancel: () => void } | null = null;
  #acting = false;
  /** When the next epoch became due, and the number of the epoch before it: further changes of the members do not defer a turn. */
  #due: { readonly epochNumber: number; readonly since: number } | null = null;
  #failures = 0;
  /** When this member last made a key at once for a lost one. */
  #lostKeyAt: number | null = null;
  /** The latest such attempt, until the log shows whose epoch has replaced the lost one. */
  #attempt: { readonly lostEpoch: number; readonly lostKeyAtBefore: number | null } | null = null;
  readonly #wait: KeyWait;
  /** The occasion for which an epoch was made, by this member or by a quicker one. The log will show it. */
  #answered = '';
  /** The occasion for which refused prekeys were reported: once for all attempts. */
  #reported = '';
  /** The members for whom the latest epoch of this member has no wrap. */
  #leftOut: ReadonlySet<UserName> = new Set();

  constructor(context: ClientContext, room: HubRoom) {
    this.#context = context;
    this.#room = room;
    this.#wait = new KeyWait(context, room);
  }

  /** To be called after everything that may have changed whose turn it is. */
  review(): void {
    const { state, online, mayAct } = this.#room;
    this.#judgeAttempt(state);
    const now = this.#context.scheduler.now();
    const reason = rekeyReason(state, now);
    const place = reason === null || !mayAct ? -1 : this.#placeIn(state, online);
    if (reason === null || place === -1) {
      this.stop();
      this.#due = null;
      this.#failures = 0;
      this.#wait.end();
      this.#wakeAtExpiry();
      return;
    }
    this.#wait.begin();
    if (this.#acting || this.#answered === occasionOf(state)) return;
    const hasUnsent = this.#room.outbox.messages.length > 0;
    const isPlanned = this.#plan?.occasion === occasionOf(state) && this.#plan.place <= place;
    if (isPlanned && !(this.#plan?.isPaced && hasUnsent)) return;
    const paceMs = reason === 'age' && place === 0 && !hasUnsent ? this.#context.keyPace.next(now) : 0;
    this.#actAfter(this.#turnOf(place, reason) + paceMs, place, paceMs > 0);
  }

  /** Returns the place of this member among those who make the next epoch in turn; -1 if it is not one of them. */
  #placeIn(state: RoomState, online: readonly UserName[]): number {
    const me = this.#context.signer.fingerprint;
    return hubOrder(state, online).findIndex((member) => member.fingerprint === me);
  }

  /** Wakes this member up when the key is due to be replaced. Nothing is asked of the members while it is to wake up then anyway. */
  #wakeAtExpiry(): void {
    const { state, online, mayAct } = this.#room;
    const expiry = keyExpiry(state);
    if ((this.#alarm?.at ?? null) === expiry) return;
    if (mayAct && this.#placeIn(state, online) !== -1) this.#wakeAt(expiry);
  }

  /** Returns how long this member waits for its turn, and for further departures, in ms from now. */
  #turnOf(place: number, reason: ReturnType<typeof rekeyReason>): number {
    const { state } = this.#room;
    const now = this.#context.scheduler.now();
    const epochNumber = state.epoch?.number ?? 0;
    if (this.#due?.epochNumber !== epochNumber || this.#due.since > now) this.#due = { epochNumber, since: now };
    // So one key answers all departures that follow each other closely, and the first of them has its own at once.
    const collecting = isRemovalPending(state) ? limits.busyKeyAge : 0;
    const from = Math.max(this.#due.since, Math.min((state.freshSeenAt ?? 0) + collecting, now + collecting));
    const missing = reason === 'lost-key' && !this.#isLostForAll(now) ? missingKeyTimeoutMs : 0;
    const turn = Math.min(place, lastPlace) * turnMs + missing;
    return Math.max(0, from + turn - now);
  }

  /** No member is known to have the latest key, so it is useless to wait for it. */
  #isLostForAll(now: number): boolean {
    const { state, log } = this.#room;
    const { lostEpoch } = log.keys;
    const rested = this.#lostKeyAt === null || Math.abs(now - this.#lostKeyAt) >= lostKeyPauseMs;
    return rested && lostEpoch !== 0 && lostEpoch === state.epoch?.number;
  }

  /** Without the proof that another member has made the epoch, the attempt counts: the server may have taken what it refused. */
  #judgeAttempt({ epochs, me }: RoomState): void {
    const made = this.#attempt === null ? undefined : epochs[this.#attempt.lostEpoch + 1];
    if (this.#attempt === null || made === undefined) return;
    if (made.author !== me) this.#lostKeyAt = this.#attempt.lostKeyAtBefore;
    this.#attempt = null;
  }

  /** To be called when the connection is lost, because what was sent on it may not have arrived. */
  reset(): void {
    this.stop();
    this.#wakeAt(null);
    this.#due = null;
    this.#failures = 0;
    this.#wait.end();
    this.#answered = '';
  }

  /** Cancels the planned epoch. */
  stop(): void {
    this.#plan?.cancel();
    this.#plan = null;
  }

  #wakeAt(at: number | null): void {
    if (this.#alarm?.at === at) return;
    this.#alarm?.cancel();
    this.#alarm = null;
    if (at === null) return;
    const { scheduler } = this.#context;
    const cancel = scheduler.after(Math.max(0, at - scheduler.now()), () => {
      this.#alarm = null;
      this.#answered = '';
      this.review();
    });
    this.#alarm = { at, cancel };
  }

  #actAfter(delayMs: number, place: number, isPaced = false): void {
    this.stop();
    if (delayMs === 0) {
      void this.#act();
      return;
    }
    const cancel = this.#context.scheduler.after(delayMs, () => {
      this.#plan = null;
      void this.#act();
    });
    this.#plan = { occasion: occasionOf(this.#room.state), place, isPaced, cancel };
  }

  async #act(): Promise<void> {
    const { state, mayAct } = this.#room;
    const now = this.#context.scheduler.now();
    const reason = rekeyReason(state, now);
    if (this.#acting || !mayAct || reason === null) return;
    this.#acting = true;
    if (reason === 'lost-key' && this.#isLostForAll(now)) {
      this.#attempt = { lostEpoch: state.epoch?.number ?? 0, lostKeyAtBefore: this.#lostKeyAt };
      this.#lostKeyAt = now;
    }
    try {
      const users = await proposeEpoch(this.#context, this.#room, (refused) => this.#reportRefused(state, refused));
      this.#reportLeftOut(users);
      this.#awaitAnswer(occasionOf(state));
    } catch (error) {
      this.#failed(error, state);
    } finally {
      this.#acting = false;
    }
    this.review();
  }

  #reportRefused(state: RoomState, refused: readonly RefusedPrekey[]): void {
    if (this.#reported === occasionOf(state)) return;
    this.#reported = occasionOf(state);
    reportRefusedPrekeys(this.#context, this.#room, refused);
  }

  #reportLeftOut(users: readonly UserName[]): void {
    const { roomId, roomName } = this.#room;
    const isKnown = users.every((user) => this.#leftOut.has(user));
    this.#leftOut = new Set(users);
    if (!isKnown) this.#context.emit({ kind: 'left-out', roomId, roomName, users });
  }

  #failed(error: unknown, state: RoomState): void {
    if (isDisconnection(error)) return;
    const reaction = reactionTo('make-key', error);
    // Another member's epoch, or another change of the membership, came first.
    if (reaction === 'done') {
      this.#awaitAnswer(occasionOf(state));
      return;
    }
    // The room has changed during the attempt, which failed for that. The next one is for the room as it is now.
    if (reaction === 'retry' && occasionOf(this.#room.state) !== occasionOf(state)) return;
    // The disk keeps this client from acting, and the saver says so.
    if (explain(error).code === 'not-stored') this.#wait.end();
    if (reaction === 'report-and-retry' && this.#failures === 0) {
      this.#context.emit({ kind: 'trouble', ...explain(error) });
    }
    this.#actAfter(Math.min(maxRetryDelayMs, retryDelayMs * 2 ** this.#failures), 0);
    this.#failures += 1;
  }

  /** Waits for the log to show the epoch, but not for ever: only the server says that another member was faster. */
  #awaitAnswer(occasion: string): void {
    this.#answered = occasion;
    this.#wakeAt(this.#context.scheduler.now() + answerTimeoutMs);
  }
}

/** Reports when another member becomes a room's hub. */
export class HubWatch {
  readonly #report: (user: UserName, before: UserName) => void;
  #hub: UserName | null = null;

  /** @param report called on each change, not for the first hub that is seen */
  constructor(report: (user: UserName, before: UserName) => void) {
    this.#report = report;
  }

  /**
   * To be called after everything that may have changed the hub, while the room is caught up and no key is on its way: until it is there, its
   * author seems to act last.
   */
  review(state: RoomState, online: readonly UserName[]): void {
    const first = hubOf(state, online);
    if (first === null || first.user === this.#hub) return;
    const before = this.#hub;
    this.#hub = first.user;
    if (before !== null) this.#report(first.user, before);
  }
}
