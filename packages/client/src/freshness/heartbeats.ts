/** Sends this member's heartbeats to one room, and reports what the others' heartbeats, and their absence, show. */
import { heartbeatEvery, type RoomId, type RoomName, type SignedHeartbeat, type UserName } from '@chat/protocol';
import {
  composeHeartbeat,
  isPresent,
  isReadMessage,
  type RoomEvent,
  type RoomState,
  readHeartbeat,
  type UserMap,
} from '@chat/room';
import { authorOf, type ClientContext } from '../context.ts';
import { reactionTo } from '../error-policy.ts';
import { explain, isDisconnection } from '../errors.ts';
import { HeardHeads, type Mismatch } from './heard-heads.ts';
import { type ConnectedMembers, connectedCount, type Heard, Hearing, type SilentMember } from './hearing.ts';

/** Time between two looks at the clock. A longer interval means that the machine was suspended. */
const tickMs = 15_000;

/** The room of a `Heartbeats`. */
export interface FollowedRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly state: RoomState;
  /** The connected members, by the server's word. */
  readonly presence: ConnectedMembers;
  /** True while the client has read the backlog of this connection. */
  readonly isCaughtUp: boolean;
}

/** The heartbeats of one room. They are sent and awaited while the client follows the room. */
export class Heartbeats {
  readonly #context: ClientContext;
  readonly #room: FollowedRoom;
  readonly #hearing: Hearing;
  readonly #heads = new HeardHeads();
  #cancelTick: (() => void) | null = null;
  #tickedAt = 0;
  /** Position up to which the log had been read at the last tick. */
  #readSeq = 0;
  /** For how long the client has followed the room since its last heartbeat, over all connections, in milliseconds. */
  #waitedMs = 0;
  /** The part of the usual time to wait: random before the first heartbeat, so that many clients do not send at once. */
  #part: number;
  /** The time within which this client has promised its next heartbeat. */
  #promisedMs = Number.POSITIVE_INFINITY;
  /** The time of the last own heartbeat. */
  #sentAt = 0;
  #refusalReported = false;

  constructor(
    context: ClientContext,
    room: FollowedRoom,
    heard: UserMap<Heard> | Readonly<Record<string, Heard>> | undefined,
  ) {
    this.#context = context;
    this.#room = room;
    this.#hearing = new Hearing(heard);
    this.#part = (context.crypto.random(1)[0] ?? 0) / 256;
  }

  /** When each member was last heard. */
  get heard(): Pick<Hearing, 'lastHeard' | 'stored'> {
    return this.#hearing;
  }

  /** To be called when the server has confirmed the subscription. */
  followed(): void {
    this.stop();
    this.#hearing.excuse(this.#room.state, null);
    this.#refusalReported = false;
    this.#tickedAt = this.#context.scheduler.now();
    this.#schedule();
  }

  /** To be called when the connection is lost. */
  stop(): void {
    this.#cancelTick?.();
    this.#cancelTick = null;
  }

  /** To be called when a member has connected, by the server's word. */
  connected(user: UserName): void {
    this.#hearing.excuse(this.#room.state, user);
  }

  /** Takes a heartbeat that the server has passed on. One that is not signed by a member, or is old, is ignored. */
  receive(heartbeat: SignedHeartbeat): void {
    const { state } = this.#room;
    if (heartbeat.by === state.me) return;
    const content = readHeartbeat(state, heartbeat, this.#context.crypto);
    if (content === null) return;
    if (!this.#hear(heartbeat.by, content.author, { at: content.at, everyMs: content.every })) return;
    this.#report(this.#heads.take(state, heartbeat.by, content.head));
  }

  /** To be called with the events of entries that the client has read, after the state has changed. */
  read(events: readonly RoomEvent[]): void {
    for (const event of events) {
      if (!isReadMessage(event) || event.fingerprint === this.#room.state.me) continue;
      this.#hear(event.fingerprint, event.user, { at: event.at, everyMs: null });
    }
    for (const found of this.#heads.readOn(this.#room.state)) this.#report(found);
  }

  #hear(fingerprint: string, user: UserName, sign: { readonly at: number; readonly everyMs: number | null }): boolean {
    const silentMs = this.#hearing.hear(fingerprint, sign, this.#context.scheduler.now());
    if (silentMs === null) return false;
    if (silentMs > 0) this.#emit('heard-again', { user, fingerprint, forMs: silentMs });
    return true;
  }

  #schedule(): void {
    this.#cancelTick = this.#context.scheduler.after(tickMs, () => {
      this.#tick();
      this.#schedule();
    });
  }

  #tick(): void {
    const { state, presence, isCaughtUp } = this.#room;
    const now = this.#context.scheduler.now();
    const sinceMs = now - this.#tickedAt;
    this.#tickedAt = now;
    const isSteady = sinceMs >= 0 && sinceMs < 2 * tickMs;
    if (!isSteady) this.#hearing.clockChanged();
    const hasReadOn = state.head.seq !== this.#readSeq;
    this.#readSeq = state.head.seq;
    this.#waitedMs += tickMs;
    // After a removal, and while the log is read again from its beginning, the state is not that of a present member.
    if (!isPresent(state)) return;
    if (isSteady) {
      for (const silent of this.#hearing.pass(state, presence, tickMs)) this.#emit('unheard', silent);
      if (isCaughtUp || !hasReadOn) for (const found of this.#heads.pass(state, tickMs)) this.#report(found);
    }
    // Nothing that the user signs counts in the room before it has the user's renewed key.
    if (state.me !== this.#context.signer.fingerprint) return;
    const everyMs = heartbeatEvery(connectedCount(state, presence));
    if (this.#waitedMs >= Math.min(this.#promisedMs, everyMs * this.#part)) void this.#send(everyMs, now);
  }

  async #send(everyMs: number, now: number): Promise<void> {
    const { state, roomId } = this.#room;
    // A clock that was set back must not make this heartbeat older than the one before.
    this.#sentAt = Math.max(now, this.#sentAt + this.#waitedMs);
    this.#waitedMs = 0;
    this.#part = 1;
    this.#promisedMs = everyMs;
    const heartbeat = composeHeartbeat({ ...authorOf(this.#context), now: this.#sentAt }, state, everyMs);
    try {
      await this.#context.request('heartbeat', { room: roomId, heartbeat });
    } catch (error) {
      this.#refused(error);
    }
  }

  #refused(error: unknown): void {
    if (isDisconnection(error) || this.#refusalReported || reactionTo('heartbeat', error) === 'done') return;
    this.#refusalReported = true;
    const { code, reason } = explain(error);
    const what = `The server does not pass on that you are here, so members of ${this.#room.roomName} may be warned of it`;
    this.#context.emit({ kind: 'trouble', code, reason: `${what}: ${reason}` });
  }

  #emit(kind: 'unheard' | 'heard-again', silent: SilentMember): void {
    const { roomId, roomName } = this.#room;
    this.#context.emit({ kind, roomId, roomName, ...silent });
  }

  #report(found: Mismatch | null): void {
    if (found === null) return;
    const { roomId, roomName, state } = this.#room;
    const { kind, user, fingerprint, seq } = found;
    if (kind === 'behind') {
      this.#context.emit({ kind, roomId, roomName, user, fingerprint, seq, readSeq: state.head.seq });
      return;
    }
    const event = { kind: 'violation', code: 'fork', seq, user } as const;
    this.#context.emit({ kind: 'room', roomId, roomName, event, mine: false, live: true });
  }
}
