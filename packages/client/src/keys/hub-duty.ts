/**
 * The hub's duty at one member: when the membership has changed, or the key has been used for long enough, the members who
 * are online make the next key in turn.
 * The first acts at once, each next one only if those before did not act in time. The server accepts one of them. A member
 * whom the latest hub gave no good key makes a fresh one too, after giving the others time.
 */
import type { UserName } from '@chat/protocol';
import { hubOrder, keyExpiry, type RoomState, rekeyReason } from '@chat/room';
import { type ClientContext, explain, isDisconnection } from '../context.ts';
import { occasionOf, type ProposingRoom, proposeEpoch } from './epoch-proposal.ts';
import { tellWrongPrekeys } from './wrong-prekey.ts';

/** How long each member waits for the one before, in ms. */
const turn = 3_000;
/** How long a member waits for a key that should have come, in ms. */
const patience = 10_000;
/** How long until the same member tries once more, in ms. */
const retry = 1_000;

/** Refusals that pass by themselves: somebody left while the wraps were handed over, or the log has grown by a lot. */
const passing: ReadonlySet<string> = new Set(['wraps-mismatch', 'stale-view']);

export interface HubRoom extends ProposingRoom {
  readonly online: readonly UserName[];
  /** Whether this member may act: connected, caught up, and no identity in the room in doubt. */
  readonly mayAct: boolean;
}

export class HubDuty {
  readonly #context: ClientContext;
  readonly #room: HubRoom;
  #planned: { readonly answers: string; readonly place: number; readonly cancel: () => void } | null = null;
  /** Set for when the key will have been used for long enough, so that it changes also while nothing happens. */
  #alarm: { readonly at: number; readonly cancel: () => void } | null = null;
  #acting = false;
  /** The membership change that was answered, by us or by somebody quicker: the log will say so. */
  #answered = '';
  /** For which key it was told that somebody's prekey is not theirs: once for all attempts. */
  #told = '';

  constructor(context: ClientContext, room: HubRoom) {
    this.#context = context;
    this.#room = room;
  }

  /** To be called after everything that may have changed whose turn it is. */
  review(): void {
    const { state, online, mayAct } = this.#room;
    const reason = rekeyReason(state, this.#context.scheduler.now());
    const me = this.#context.signer.fingerprint;
    const place = hubOrder(state, online).findIndex((member) => member.fingerprint === me);
    if (reason === null || !mayAct || place === -1) {
      this.stop();
      if (mayAct && place !== -1) this.#wakeAt(keyExpiry(state));
      return;
    }
    if (this.#acting || this.#answered === occasionOf(state)) return;
    if (this.#planned?.answers === occasionOf(state) && this.#planned.place <= place) return;
    this.#plan(place, place * turn + (reason === 'lost-key' ? patience : 0));
  }

  /** To be called when the connection is lost: what was answered on it may not have arrived. */
  reset(): void {
    this.stop();
    this.#wakeAt(null);
    this.#answered = '';
  }

  stop(): void {
    this.#planned?.cancel();
    this.#planned = null;
  }

  #wakeAt(at: number | null): void {
    if (this.#alarm?.at === at) return;
    this.#alarm?.cancel();
    this.#alarm = null;
    if (at === null) return;
    const { scheduler } = this.#context;
    const cancel = scheduler.after(Math.max(0, at - scheduler.now()), () => {
      this.#alarm = null;
      this.review();
    });
    this.#alarm = { at, cancel };
  }

  #plan(place: number, delay: number): void {
    this.stop();
    if (delay === 0) {
      void this.#act();
      return;
    }
    const cancel = this.#context.scheduler.after(delay, () => {
      this.#planned = null;
      void this.#act();
    });
    this.#planned = { answers: occasionOf(this.#room.state), place, cancel };
  }

  async #act(): Promise<void> {
    const { state, mayAct } = this.#room;
    if (this.#acting || !mayAct || rekeyReason(state, this.#context.scheduler.now()) === null) return;
    this.#acting = true;
    try {
      await proposeEpoch(this.#context, this.#room, (users) => this.#tell(state, users));
      this.#answered = occasionOf(state);
    } catch (error) {
      this.#failed(error, state);
    } finally {
      this.#acting = false;
    }
    this.review();
  }

  #tell(state: RoomState, users: readonly UserName[]): void {
    if (this.#told === occasionOf(state)) return;
    this.#told = occasionOf(state);
    tellWrongPrekeys(this.#context, this.#room, users);
  }

  #failed(error: unknown, state: RoomState): void {
    if (isDisconnection(error)) return;
    const { code, reason } = explain(error);
    // Somebody else's epoch, or another change of the membership, came first.
    if (code === 'epoch-conflict') {
      this.#answered = occasionOf(state);
      return;
    }
    if (!passing.has(code)) this.#context.emit({ kind: 'trouble', code, reason });
    this.#plan(0, retry);
  }
}
