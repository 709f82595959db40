/**
 * Asking other members for a key that has not reached this one: those who are online and have it, one after another, in
 * the order in which they would make the next one. What they give is held against the epoch's commitment as every wrap is.
 */
import { type Fingerprint, ProtocolError, type RoomId, type RoomName, type UserName } from '@chat/protocol';
import { type Applied, acceptWrap, hubOrder, type Member, mayHaveKey, type RoomEvent } from '@chat/room';
import { type ClientContext, explain, isDisconnection } from '../context.ts';
import { ClientError } from '../errors.ts';

/** How long one member is given, in ms. */
const patience = 5_000;
/** How many are asked: if none of them answers, a fresh key is the better way. */
const most = 3;

/** Refusals by which somebody else may still be asked; all others concern the question, not whom it was put to. */
const theirs: ReadonlySet<string> = new Set(['not-online', 'unknown-member', 'timed-out']);
/** The key that we lack is not the latest any more, or not for us: the log goes on, and tells of it. */
const outdated: ReadonlySet<string> = new Set([
  'stale-epoch',
  'epoch-conflict',
  'not-a-member',
  'removed',
  'unknown-room',
]);

export interface AskingRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  /** As the server says, in order of arrival. */
  readonly online: readonly UserName[];
}

export class KeyRequest {
  readonly #context: ClientContext;
  readonly #room: AskingRoom;
  /** The latest epoch whose key was asked for in vain on this connection: once is enough. */
  #vain = 0;
  /** The answer that is waited for. */
  #awaited: { readonly number: number; end(answered: boolean): void } | null = null;

  constructor(context: ClientContext, room: AskingRoom) {
    this.#context = context;
    this.#room = room;
  }

  /**
   * What the room is once somebody has answered, or once nobody did. Only the latest epoch's key is asked for.
   *
   * @param lacking the room without the key; its events tell whether there was a wrap, and a wrong one: then whoever made it
   * is not asked
   */
  async ask(lacking: Applied, number: number, connected: () => boolean): Promise<Applied> {
    const { scheduler, emit } = this.#context;
    const { roomId: room, roomName: name } = this.#room;
    const since = scheduler.now();
    const asked: UserName[] = [];
    let applied = lacking;
    for (const { user } of this.#holders(lacking, number)) {
      const answer = this.#answer(number);
      try {
        await this.#context.request('ask-key', { room, number, user });
      } catch (error) {
        if (this.#mayGoOn(error)) continue;
        break;
      }
      asked.push(user);
      emit({ kind: 'key-wanted', roomId: room, roomName: name, epoch: number, since, asked: [...asked] });
      if (await answer) applied = await this.#take(applied, number, user);
      if (applied.state.secrets[number] !== undefined || !connected()) return applied;
    }
    if (asked.length > 0) this.#vain = number;
    return applied;
  }

  /** The server has an answer. Returns whether it was waited for. */
  given(number: number): boolean {
    if (this.#awaited?.number !== number) return false;
    this.#awaited.end(true);
    return true;
  }

  disconnected(): void {
    this.#vain = 0;
    this.#awaited?.end(false);
  }

  #holders({ state, events }: Applied, number: number): readonly Member[] {
    if (state.epoch?.number !== number || this.#vain === number || !mayHaveKey(state, state.me)) return [];
    const suspect: Fingerprint | null = events.length > 0 ? state.epoch.author : null;
    return hubOrder(state, this.#room.online)
      .filter(
        ({ fingerprint }) => fingerprint !== state.me && fingerprint !== suspect && mayHaveKey(state, fingerprint),
      )
      .slice(0, most);
  }

  /** Whether an answer comes in time. */
  #answer(number: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#context.scheduler.after(patience, () => this.#awaited?.end(false));
      const end = (answered: boolean) => {
        cancel();
        this.#awaited = null;
        resolve(answered);
      };
      this.#awaited = { number, end };
    });
  }

  #mayGoOn(error: unknown): boolean {
    this.#awaited?.end(false);
    const { code, reason } = explain(error);
    if (theirs.has(code)) return true;
    if (!isDisconnection(error) && !outdated.has(code)) this.#context.emit({ kind: 'trouble', code, reason });
    return false;
  }

  async #take(lacking: Applied, number: number, from: UserName): Promise<Applied> {
    const { request, prekeys, crypto } = this.#context;
    const { state, events } = lacking;
    try {
      const { envelope } = await request('get-wrap', { room: state.room, number });
      const accepted = acceptWrap(state, { epochNumber: number, envelope, prekeys: prekeys.keys }, crypto);
      return { state: accepted.state, events: [...events, ...accepted.events.map((event) => blame(event, from))] };
    } catch (error) {
      // The server takes back what it has said, or is gone: whoever is next is asked, or nobody.
      if (error instanceof ProtocolError || error instanceof ClientError) return lacking;
      throw error;
    }
  }
}

/** A wrong key that came as an answer is not its epoch's author's fault. */
const blame = (event: RoomEvent, user: UserName): RoomEvent =>
  event.kind === 'violation' && event.code === 'wrong-key' ? { ...event, user } : event;
