/**
 * The hub's duty at one member: when the membership has changed, or the key has been used for long enough, the members who
 * are online make the next key in turn.
 * The first acts at once, each next one only if those before did not act in time. The server accepts one of them. A member
 * whom the latest hub gave no good key makes a fresh one too, after giving the others time.
 */
import { limits, type UserName } from '@chat/protocol';
import { composeEpoch, hubOrder, keyExpiry, type RoomState, rekeyReason } from '@chat/room';
import { authorOf, type ClientContext, explain, newClientId } from './context.ts';

/** How long each member waits for the one before, in ms. */
const turn = 3_000;
/** How long a member waits for a key that should have come, in ms. */
const patience = 10_000;
/** How long until the same member tries once more, in ms. */
const retry = 1_000;

/** What a new key would answer: the latest membership, and the key that it would replace. */
const occasion = (state: RoomState): string => `${state.membershipSeq} ${state.epoch?.number ?? 0}`;

export interface HubRoom {
  readonly state: RoomState;
  readonly online: readonly UserName[];
  /** Whether this member may act: connected, caught up, and no identity in the room in doubt. */
  readonly mayAct: boolean;
  /** Takes the state with the proposal's secret in it. */
  propose(state: RoomState): void;
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
    if (this.#acting || this.#answered === occasion(state)) return;
    if (this.#planned?.answers === occasion(state) && this.#planned.place <= place) return;
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
    this.#planned = { answers: occasion(this.#room.state), place, cancel };
  }

  async #act(): Promise<void> {
    const { state, mayAct } = this.#room;
    if (this.#acting || !mayAct || rekeyReason(state, this.#context.scheduler.now()) === null) return;
    this.#acting = true;
    try {
      await this.#makeEpoch(state);
      this.#answered = occasion(state);
    } catch (error) {
      this.#failed(error, state);
    } finally {
      this.#acting = false;
    }
    this.review();
  }

  async #makeEpoch(state: RoomState): Promise<void> {
    const { request, save, crypto } = this.#context;
    const proposal = composeEpoch(authorOf(this.#context), state);
    const { room } = state;
    const number = (state.epoch?.number ?? 0) + 1;
    this.#room.propose(proposal.state);
    await save();
    for (let from = 0; from < proposal.wraps.length; from += limits.wrapsPerRequest) {
      await request('put-wraps', { room, number, wraps: proposal.wraps.slice(from, from + limits.wrapsPerRequest) });
    }
    await request('append', { room, cid: newClientId(crypto), entry: proposal.entry });
  }

  #failed(error: unknown, state: RoomState): void {
    const { code, reason } = explain(error);
    if (code === 'offline' || code === 'closed' || code === 'unreachable') return;
    // Somebody else's epoch, or another change of the membership, came first.
    if (code === 'epoch-conflict') {
      this.#answered = occasion(state);
      return;
    }
    // Wraps no longer fit when a member left while they were handed over: that passes by itself.
    if (code !== 'wraps-mismatch') this.#context.emit({ kind: 'trouble', code, reason });
    this.#plan(0, retry);
  }
}
